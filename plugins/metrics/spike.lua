--- A value several times the series' own mean of the day, and far outside of its spread.
return rule {
  id       = "metrics.spike",
  title    = "Sudden spike",
  severity = "high",
  tags     = { "infrastructure.performance" },

  on   = { kind = "metric" },
  per  = "series",
  features = {
    ratio  = ratio_to_mean { "value", within = 1 * day },
    score  = z_score { "value", within = 1 * day },
    usual  = mean { "value", within = 1 * day },
    seen   = history(),
  },
  when = { ratio = at_least(2.5), score = at_least(5), seen = at_least(24) },

  message = "{series} is at {value}, {ratio} times its mean of the day ({usual})",
}
