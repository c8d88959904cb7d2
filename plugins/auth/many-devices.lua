--- One user signs in to many machines within an hour: stolen credentials move sideways.
return rule {
  id       = "auth.many-devices",
  title    = "One user on many machines",
  severity = "high",
  tags     = { "attack.t1021" },

  on  = { kind = "login", outcome = not_ "failure", device = present },
  per = "user",
  features = {
    machines_1h = distinct { "device", within = 1 * hour, where = { kind = "login", outcome = not_ "failure" } },
    machines_7d = distinct { "device", within = 7 * day, where = { kind = "login", outcome = not_ "failure" } },
  },
  when = { machines_1h = at_least(8) },

  detect = function(_, f)
    -- Who administers machines is on many of them every week.
    if f.machines_7d > 2 * f.machines_1h then return nil end
    return "{user} signed in to {machines_1h} machines within an hour"
  end,
}
