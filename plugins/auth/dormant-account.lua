--- An account signs in after more than a month of silence.
return rule {
  id       = "auth.dormant-account",
  title    = "A dormant account signs in",
  severity = "medium",
  tags     = { "attack.t1078" },

  on  = { kind = "login", outcome = not_ "failure" },
  per = "user",
  features = { idle = since { where = { kind = "login", outcome = { not_ "failure", missing } } } },
  when     = { idle = at_least(35 * day) },
  detect   = function(_, f)
    return ("{user} signed in after %d days of silence"):format(f.idle // 86400)
  end,
}
