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
    whole_2d   = count { within = 2 * day, where = { value = multiple_of(1) } },
    before     = last { "value", within = 3 * hour },
  },
  when = { reports_3h = at_least(12), reports_2d = at_least(200), spread_3h = 0 },

  detect = function(event, f)
    if (f.spread_2d or 0) < 0.05 * math.abs(f.mean_2d or 0) then return nil end
    -- The spread is that of the reports before: the one that moves again ends the stillness.
    if event.value ~= f.before then return nil end
    -- A series of whole numbers, such as a count or a switch, stands still for hours without being broken. What hardly
    -- ever was whole before does not.
    if event.value == math.floor(event.value) and f.whole_2d - f.reports_3h > 0.1 * f.reports_2d then return nil end
    return ("{series} has stood at %s for {reports_3h} reports"):format(tostring(event.value))
  end,
}
