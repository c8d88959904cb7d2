--- A few wrong passwords for each of many accounts from one address, spread over a day: too slow for any lock-out.
local failed = { kind = { "login", "login_failure" }, outcome = "failure" }

return rule {
  id       = "auth.password-spraying",
  title    = "Passwords are sprayed over many accounts",
  severity = "high",
  tags     = { "attack.t1110.003" },

  on  = { kind = { "login", "login_failure" }, outcome = "failure", src_ip = present, user = present },
  per = "src_ip",
  features = {
    users_1d    = distinct { "user", within = 1 * day, where = failed },
    failures_1d = count { within = 1 * day, where = failed },
  },
  when = { users_1d = at_least(12), failures_1d = at_least(12) },

  detect = function(_, f)
    -- Many tries on few names are guessing, which another rule judges.
    if f.failures_1d > 4 * f.users_1d then return nil end
    return "{failures_1d} failed logins of {users_1d} users within a day from {src_ip}"
  end,
}
