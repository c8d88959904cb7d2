--- Calls itself for ever.
return rule {
  id = "hostile.recursion", title = "Hostile", severity = "low",
  detect = function(_)
    local function down(n) return 1 + down(n + 1) end
    return 'depth ' .. down(1)
  end,
}
