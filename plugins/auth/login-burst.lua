--- Many sign-ins in a few minutes: somebody is trying a stolen password.

-- Windows writes a logon for each share, job and service that a program opens, many a minute: those of the network (3), a
-- batch (4) and a service (5) are no person's.
local of_programs = { ["3"] = true, ["4"] = true, ["5"] = true }

return rule {
  id       = "auth.login-burst",
  title    = "Account takeover attempt",
  severity = "high",
  tags     = { "attack.t1110" },

  on   = { kind = "login" },
  per  = "user",
  features = {
    logins     = count { within = 5 * minute },
    logins_10m = count { within = 10 * minute },
    devices    = distinct { "device", within = 1 * hour },
  },
  when = { logins_10m = at_least(8) },

  detect = function(event, f)
    if of_programs[event.logon_type] then return nil end
    if f.logins >= 8 then return "{logins} logins in 5 minutes by {user}" end
    -- A patient one keeps below that and is still faster than anybody works.
    if f.logins_10m >= 12 then return "{logins_10m} logins in 10 minutes by {user}" end
  end,
}
