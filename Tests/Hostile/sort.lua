--- Sorts with a comparer that contradicts itself.
return rule {
  id = "hostile.sort", title = "Hostile", severity = "low",
  detect = function(_)
    local t = {}
    for i = 1, 20000 do t[i] = i end
    while true do table.sort(t, function() return true end) end
  end,
}
