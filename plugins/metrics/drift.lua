--- A series that creeps up: each half hour lies above the one before, and the last far above two hours ago.

--- The mean of what lies in the longer of two windows only; nil where that is nothing. Counts hold the event
--- itself, means do not.
local function between_windows(long_mean, long_count, short_mean, short_count)
  local count = long_count - short_count
  if count < 1 then return nil end
  local short_sum = short_count > 1 and short_mean * (short_count - 1) or 0
  return (long_mean * (long_count - 1) - short_sum) / count
end

return rule {
  id       = "metrics.drift",
  title    = "Gradual degradation",
  severity = "medium",
  tags     = { "infrastructure.degradation" },

  on   = { kind = "metric", value = present },
  per  = "series",
  features = {
    mean_30m    = mean { "value", within = 30 * minute },
    mean_1h     = mean { "value", within = 1 * hour },
    mean_2h     = mean { "value", within = 2 * hour },
    reports_30m = count { within = 30 * minute, where = { value = present } },
    reports_1h  = count { within = 1 * hour, where = { value = present } },
    reports_2h  = count { within = 2 * hour, where = { value = present } },
    day_mean    = mean { "value", within = 1 * day },
    day_spread  = std { "value", within = 1 * day },
    change_1h   = percent_change { "value", within = 1 * hour },
    times_2h    = ratio_to_mean { "value", within = 2 * hour },
    seen        = history(),
  },
  when = { times_2h = at_least(1.1), reports_2h = at_least(10), seen = at_least(24) },

  detect = function(event, f)
    -- To two and a half times within the hour is a jump, which another rule judges.
    if f.reports_2h - f.reports_1h < 3 or (f.change_1h or 0) >= 150 then return nil end
    -- What comes in bursts all day does not creep.
    if (f.day_spread or 0) >= 1.2 * (f.day_mean or 0) then return nil end
    local two_hours_ago = between_windows(f.mean_2h, f.reports_2h, f.mean_1h, f.reports_1h)
    local half_hour_ago = between_windows(f.mean_1h, f.reports_1h, f.mean_30m, f.reports_30m)
    if not two_hours_ago or two_hours_ago <= 0 or not half_hour_ago then return nil end
    local last_half_hour = ((f.mean_30m or 0) * (f.reports_30m - 1) + event.value) / f.reports_30m
    -- A jump lifts the last half hour only; a drift had begun before.
    if half_hour_ago < 1.1 * two_hours_ago or last_half_hour < 1.3 * two_hours_ago
      or event.value < 1.5 * two_hours_ago then return nil end
    return ("{series} has risen by %.0f %% within two hours, from %s to %s over the last half hour")
      :format((last_half_hour / two_hours_ago - 1) * 100, figure(two_hours_ago),
        figure(last_half_hour))
  end,
}
