--- Doubles a text until there is no more memory.
return rule {
  id = "hostile.memory", title = "Hostile", severity = "low",
  detect = function(_)
    local s = 'x'
    while true do s = s .. s end
  end,
}
