--- A value far above the series' last hour and its day: a jump, and not the load of every morning.
return rule {
  id       = "metrics.spike",
  title    = "Sudden spike",
  severity = "high",
  tags     = { "infrastructure.performance" },

  on   = { kind = "metric", value = present },
  per  = "series",
  features = {
    times_hour = ratio_to_mean { "value", within = 1 * hour },
    score_hour = z_score { "value", within = 1 * hour },
    times_day  = ratio_to_mean { "value", within = 1 * day },
    score_day  = z_score { "value", within = 1 * day },
    last_hour  = mean { "value", within = 1 * hour },
    day_mean   = mean { "value", within = 1 * day },
    day_spread = std { "value", within = 1 * day },
    reports    = count { within = 10 * minute, where = { value = present } },
    seen       = history(),
  },
  -- No bound on one of the ratios: at night a jump lies below the day's mean, and rare reports have no last hour.
  when = { seen = at_least(24) },

  detect = function(event, f)
    -- Where reports come every few minutes the last hour says what is normal; where they are rare or scatter by
    -- more than their mean, only the day does, and a value must stand further out.
    if f.reports >= 3 and (f.day_spread or 0) < f.day_mean then
      local times = f.times_hour or 0
      if times < 1.5 then return nil end
      -- What the day has seen, or less than twice the last hour, counts where that hour was calm.
      if (times < 2 or (f.times_day or 0) < 1.6) and (f.score_hour or 0) < 5 then return nil end
      return ("{series} is at %s, %s times its mean of the last hour, which was %s")
        :format(figure(event.value), figure(f.times_hour), figure(f.last_hour))
    end
    if (f.times_day or 0) < 5 or (f.score_day or 0) < 6 then return nil end
    return ("{series} is at %s, %s times its mean of the day, which was %s")
      :format(figure(event.value), figure(f.times_day), figure(f.day_mean))
  end,
}
