--- The first sign-in from a country, of somebody with a long history.
return rule {
  id       = "auth.new-country",
  title    = "First login from a country",
  severity = "low",
  tags     = { "attack.t1078" },

  on  = { kind = "login", outcome = not_ "failure", country = present },
  per = "user",
  features = { never_here = new "country", logins_30d = count { within = 30 * day } },
  when    = { never_here = 1, logins_30d = at_least(15) },
  message = "{user} signed in from {country} for the first time, after {logins_30d} logins in 30 days",
}
