--- One common password is tried on one account after the other, slowly, from one address.
return scenario {
  id    = "auth.password-spraying",
  title = "Low-and-slow password spraying",
  -- Events that name no user belong to the address, and the attack is its own.
  onto  = { kind = { "login", "connect", "disconnect" }, src_ip = present, user = missing },
  needs = { history = 3 },
  vary  = { accounts = { 18, 45 }, gap = { 8 * minute, 25 * minute } },
  label = { type = "anomaly", name = "password_spraying", severity = 3 },

  inject = function(victim, draw, emit)
    local name = draw.choice { "user", "employee", "staff" }
    local at = victim.time
    for account = 1, draw.accounts do
      at = at + draw.exponential(draw.gap)
      emit { at = at, kind = "login", user = ("%s%d"):format(name, account), outcome = "failure" }
    end
  end,

  expect = { mapping = "password-spraying" },
}
