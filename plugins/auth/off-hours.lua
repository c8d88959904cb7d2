--- Several sign-ins in an hour of the night, of somebody who signs in far less often and rarely then.
return rule {
  id       = "auth.off-hours",
  title    = "Activity outside of usual hours",
  severity = "medium",
  tags     = { "attack.t1078" },

  on   = { kind = "login", outcome = not_ "failure" },
  per  = "user",
  features = {
    rarity      = hour_rarity(),
    logins      = count { within = 1 * hour, where = { kind = "login" } },
    logins_5m   = count { within = 5 * minute, where = { kind = "login" } },
    day_logins  = count { within = 1 * day, where = { kind = "login" } },
    week_logins = count { within = 7 * day, where = { kind = "login" } },
    seen        = history(),
  },
  when = {
    hour_of_day = between(0, 5),
    rarity = at_least(0.7),
    logins = at_least(4),
    seen   = at_least(8),
  },

  detect = function(_, f)
    -- Four in five minutes are a burst, which another rule judges: nobody works at that pace.
    if f.logins_5m >= 4 then return nil end
    -- A program that signs in every half hour of the day does so at night too.
    local usual = math.max(f.day_logins / 24, f.week_logins / (7 * 24))
    if f.logins < 3 * usual then return nil end
    return "{logins} logins within an hour around {hour_of_day} o'clock by {user}, who is rarely active then"
  end,
}
