--- A handful of sign-ins between two and six at night, on the clock of the victim's own site.
return scenario {
  id    = "auth.off-hours",
  title = "An insider at work in the night",
  onto  = { kind = "login" },
  needs = { history = 8 },
  vary  = { logins = { 4, 7 }, hour = { 2, 4 }, later = { 0 * minute, 59 * minute } },
  label = { type = "anomaly", name = "off_hours_activity", severity = 2 },

  inject = function(victim, draw, emit)
    local at = victim:at_hour(draw.hour) + draw.later
    for _ = 1, draw.logins do
      emit { at = at, outcome = "success" }
      at = at + draw.uniform(2 * minute, 9 * minute)
    end
  end,

  expect = { mapping = "insider-threat" },
}
