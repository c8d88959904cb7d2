--- Keeps everything that it ever saw.
local kept = {}

return rule {
  id = "hostile.hoard", title = "Hostile", severity = "low",
  detect = function(event)
    for i = 1, 2000 do kept[#kept + 1] = event.id .. i end
  end,
}
