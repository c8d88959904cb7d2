--- Several sign-ins in an hour of the night at which this person never works.
return rule {
  id       = "auth.off-hours",
  title    = "Activity outside of usual hours",
  severity = "medium",
  tags     = { "attack.t1078" },

  on   = { kind = "login", outcome = not_ "failure" },
  per  = "user",
  features = {
    rarity = hour_rarity(),
    logins = count { within = 1 * hour },
    seen   = history(),
  },
  when = {
    hour_of_day = between(0, 5),
    rarity = at_least(0.85),
    logins = at_least(3),
    seen   = at_least(8),
  },

  message = "{logins} logins within an hour around {hour_of_day} o'clock by {user}, who is hardly ever active then",
}
