--- A sensor reports a last time and then never again, or not for hours.
return scenario {
  id    = "quality.silent-sensor",
  title = "A sensor falls silent",
  onto  = { kind = "metric", series = present, value = present },
  -- An event cannot be taken away, so the silence must be there; what is planted makes its beginning known.
  needs = { history = 24, quiet = 8 * hour },
  vary  = { reports = { 1, 3 }, every = { 2 * minute, 8 * minute } },
  label = { type = "anomaly", name = "silent_sensor", severity = 2 },

  inject = function(victim, draw, emit)
    for report = 1, draw.reports do
      emit {
        at = victim.time + report * draw.every,
        value = math.floor(draw.normal(1, 0.05) * victim.value * 1000) / 1000,
        -- Only the last report is followed by nothing.
        label = report == draw.reports,
      }
    end
  end,

  expect = { mapping = "silent-source" },
}
