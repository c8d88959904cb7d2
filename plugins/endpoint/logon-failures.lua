--- Many failed sign-ins at one machine within minutes.
return rule {
  id       = "endpoint.logon-failures",
  title    = "Passwords are being guessed at a machine",
  severity = "medium",
  tags     = { "attack.t1110" },

  on      = { kind = "login_failure", device = present },
  per     = "device",
  features = { failures_10m = count { within = 10 * minute, where = { kind = "login_failure" } } },
  when    = { failures_10m = at_least(30) },
  message = "{failures_10m} failed logins at {device} within ten minutes, most lately as {user}",
}
