--- A removable device goes in and out several times in an evening, of somebody who never works like that.
return rule {
  id       = "access.device-after-hours",
  title    = "Removable device used at unusual hours",
  severity = "high",
  tags     = { "attack.t1052.001" },

  on  = { kind = "connect", user = present },
  per = "user",
  features = {
    plugged_4h  = count { within = 4 * hour, where = { kind = "connect" } },
    plugged_14d = count { within = 14 * day, where = { kind = "connect" } },
    rare_hour   = hour_rarity(),
    events_14d  = count { within = 14 * day },
  },
  when = { hour_of_day = { at_least(20), at_most(5) }, plugged_4h = at_least(4), rare_hour = at_least(0.7) },

  detect = function(_, f)
    if f.events_14d < 8 or f.plugged_14d > 3 * f.plugged_4h then return nil end
    return "{user} connected a removable device {plugged_4h} times within four hours around {hour_of_day} o'clock"
  end,
}
