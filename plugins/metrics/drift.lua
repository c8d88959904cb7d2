--- A series that creeps up: its last half hour is far above its day, and it is still rising.
return rule {
  id       = "metrics.drift",
  title    = "Gradual degradation",
  severity = "medium",
  tags     = { "infrastructure.degradation" },

  on   = { kind = "metric" },
  per  = "series",
  features = {
    recent  = mean { "value", within = 30 * minute },
    earlier = mean { "value", within = 2 * hour },
    usual   = mean { "value", within = 1 * day },
    points  = count { within = 2 * hour },
    change  = percent_change { "value", within = 2 * hour },
    seen    = history(),
  },
  when = { change = between(40, 300), points = at_least(8), seen = at_least(24) },

  detect = function(_, f)
    if not f.recent or not f.usual or f.usual <= 0 then return nil end
    if f.recent < 1.6 * f.usual or f.recent < 1.15 * f.earlier then return nil end
    return "{series} has risen by {change} % in two hours: {recent} lately, {usual} over the day"
  end,
}
