--- Wrong passwords, then a sign-in that works on a machine this user never had.
return rule {
  id       = "auth.guessed-then-new-device",
  title    = "Login on a new machine after failures",
  severity = "high",
  tags     = { "attack.t1110", "attack.t1078" },

  sequence = {
    { kind = { "login", "login_failure" }, outcome = "failure", times = 5 },
    { kind = "login", outcome = "success" },
    within = 15 * minute, by = "user",
  },
  features = { new_machine = new "device", logins_7d = count { within = 7 * day } },
  when     = { new_machine = 1, logins_7d = at_least(10) },
  message  = "{user} signed in on {device}, never used before, minutes after five wrong passwords",
}
