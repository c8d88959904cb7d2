--- Sign-ins of one user from two countries within an hour: nobody travels that fast.
return rule {
  id       = "auth.impossible-travel",
  title    = "Logins from two countries within an hour",
  severity = "high",
  tags     = { "attack.t1078" },

  on  = { kind = "login", outcome = not_ "failure", country = present },
  per = "user",
  features = { countries = distinct { "country", within = 1 * hour, where = { outcome = not_ "failure" } } },
  when    = { countries = at_least(2) },
  message = "{user} signed in from {countries} countries within an hour, most lately from {country}",
}
