--- Never comes back.
return rule {
  id = "hostile.endless-loop", title = "Hostile", severity = "low",
  detect = function(_)
    while true do end
  end,
}
