--- Many sign-ins in a few minutes: somebody is trying a stolen password.
return rule {
  id       = "auth.login-burst",
  title    = "Account takeover attempt",
  severity = "high",
  tags     = { "attack.t1110" },

  on   = { kind = "login" },
  per  = "user",
  features = {
    logins  = count { within = 5 * minute },
    devices = distinct { "device", within = 1 * hour },
  },
  when = { logins = at_least(8) },

  message = "{logins} logins in 5 minutes by {user} (devices in the last hour: {devices})",
}
