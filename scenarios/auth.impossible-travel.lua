--- A session is stolen: its owner works at home and somebody signs in from the other side of the world.
return scenario {
  id    = "auth.impossible-travel",
  title = "A sign-in from a country that nobody can reach in time",
  onto  = { kind = "login", outcome = not_ "failure", country = present },
  needs = { history = 5 },
  vary  = { later = { 8 * minute, 45 * minute }, logins = { 1, 3 } },
  label = { type = "anomaly", name = "impossible_travel", severity = 4 },

  inject = function(victim, draw, emit)
    local abroad = draw.choice { "VN", "BR", "NG", "KZ", "AR" }
    if abroad == victim.country then abroad = "NZ" end
    local at = victim.time + draw.later
    for _ = 1, draw.logins do
      emit { at = at, country = abroad, src_ip = "198.51.100.77", outcome = "success" }
      at = at + draw.uniform(1 * minute, 4 * minute)
    end
  end,

  expect = { mapping = "impossible-travel" },
}
