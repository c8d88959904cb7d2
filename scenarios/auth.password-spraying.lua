--- One common password is tried on one account after the other, slowly, from one address.
return scenario {
  id    = "auth.password-spraying",
  title = "Low-and-slow password spraying",
  onto  = { kind = "login", src_ip = present, user = present },
  needs = { history = 3 },
  vary  = { accounts = { 18, 45 }, gap = { 8 * minute, 25 * minute } },
  label = { type = "anomaly", name = "password_spraying", severity = 3 },

  inject = function(victim, draw, emit)
    -- An address of the documentation ranges that nobody else uses.
    local address = ("203.0.113.%d"):format(draw.integer(1, 254))
    local at = victim.time
    for account = 1, draw.accounts do
      at = at + draw.exponential(draw.gap)
      emit { at = at, user = ("%s-%d"):format(victim.user, account), src_ip = address, outcome = "failure" }
    end
  end,

  expect = { mapping = "password-spraying" },
}
