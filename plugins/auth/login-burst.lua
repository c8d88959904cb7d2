--- Many sign-ins in a few minutes: somebody is trying a stolen password.
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

  detect = function(_, f)
    if f.logins >= 8 then return "{logins} logins in 5 minutes by {user}" end
    -- A patient one keeps below that and is still faster than anybody works.
    if f.logins_10m >= 12 then return "{logins_10m} logins in 10 minutes by {user}" end
  end,
}
