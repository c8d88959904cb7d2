--- Never ends in one call of twenty-five: fewer failures than set a rule aside by their number alone.
local calls = 0
return rule {
  id = "hostile.now-and-then", title = "Hostile", severity = "low",
  detect = function(_)
    calls = calls + 1
    if calls % 25 == 0 then while true do end end
  end,
}
