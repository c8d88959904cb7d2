--- Many failed sign-ins from one address: a password is being guessed.
-- An attempt at an unknown name is also written down as invalid_user, and counts once.
local failed = { kind = { "login", "login_failure" }, outcome = "failure" }

return rule {
  id       = "auth.brute-force",
  title    = "Passwords are being guessed",
  severity = "medium",
  tags     = { "attack.t1110" },

  on   = { kind = { "login", "login_failure" }, outcome = "failure", src_ip = present },
  per  = "src_ip",
  features = {
    failures = count { within = 10 * minute, where = failed },
    users    = distinct { "user", within = 10 * minute, where = failed },
  },
  when = { failures = at_least(20) },

  detect = function(_, f)
    -- Many names from one address are a search for any account at all.
    if (f.users or 0) >= 5 then
      return {
        message = "{failures} failed logins of {users} users in 10 minutes from {src_ip}",
        severity = "high",
      }
    end
    return "{failures} failed logins in 10 minutes from {src_ip}, most lately as {user}"
  end,
}
