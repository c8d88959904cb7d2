--- Many sign-ins within minutes: somebody tries stolen passwords against one account and gets in.
return scenario {
  id    = "auth.login-burst",
  title = "Credential stuffing against one account",
  onto  = { kind = "login" },
  needs = { history = 8 },
  vary  = { logins = { 12, 40 }, within = { 2 * minute, 10 * minute } },
  label = { type = "anomaly", name = "suspicious_login", severity = 3 },

  inject = function(victim, draw, emit)
    local gap = draw.within / draw.logins
    for i = 0, draw.logins - 1 do
      emit { at = victim.time + (i + draw.uniform(0.1, 0.9)) * gap, outcome = "success" }
    end
  end,

  expect = { mapping = "account-takeover" },
}
