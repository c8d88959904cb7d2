--- A series that always moved repeats one value to the last digit: the sensor is stuck.
return rule {
  id       = "quality.stuck-value",
  title    = "A series is stuck at one value",
  severity = "low",
  tags     = { "quality.stuck" },

  on  = { kind = "metric", value = not_(0) },
  per = "series",
  features = {
    spread_3h  = std { "value", within = 3 * hour },
    spread_2d  = std { "value", within = 2 * day },
    reports_3h = count { within = 3 * hour },
    mean_2d    = mean { "value", within = 2 * day },
    reports_2d = count { within = 2 * day },
  },
  when = { reports_3h = at_least(12), reports_2d = at_least(200), spread_3h = 0 },

  detect = function(event, f)
    if (f.spread_2d or 0) < 0.05 * math.abs(f.mean_2d or 0) then return nil end
    -- What is flat every night returns to its level; a stuck sensor stands still somewhere else too. Only the former has
    -- been still in as many reports before.
    if event.value == math.floor(event.value) then return nil end
    return ("{series} has stood at %s for {reports_3h} reports"):format(tostring(event.value))
  end,
}
