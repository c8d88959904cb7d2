--- Returns a table that holds itself.
return rule {
  id = "hostile.cycle", title = "Hostile", severity = "low",
  detect = function(_)
    local t = {}
    t.t = t
    return t
  end,
}
