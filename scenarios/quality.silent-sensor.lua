--- A new sensor reports faithfully for more than a day and then never again.
return scenario {
  id    = "quality.silent-sensor",
  title = "A sensor falls silent",
  onto  = { kind = "metric", series = present, value = present },
  needs = { history = 0 },
  vary  = { reports = { 30, 60 }, every = { 20 * minute, 50 * minute } },
  label = { type = "anomaly", name = "silent_sensor", severity = 2 },

  inject = function(victim, draw, emit)
    for report = 1, draw.reports do
      emit {
        at = victim.time + report * draw.every, series = victim.series .. "-probe",
        value = math.floor(draw.normal(1, 0.05) * victim.value * 1000) / 1000,
        -- Only the last report is followed by nothing.
        label = report == draw.reports,
      }
    end
  end,

  expect = { mapping = "silent-source" },
}
