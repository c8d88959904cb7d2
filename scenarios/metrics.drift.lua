--- A metric that creeps up to two or three times its level within two hours.
return scenario {
  id    = "metrics.drift",
  title = "A gradual degradation of a metric",
  onto  = { kind = "metric", value = above(0) },
  needs = { history = 24 },
  vary  = { factor = { 2.2, 3.3 }, points = { 16, 24 }, within = { 100 * minute, 140 * minute } },
  label = { type = "anomaly", name = "metric_drift", severity = 2 },

  inject = function(victim, draw, emit, history)
    -- It starts where the series stands: the mean of its last values.
    local sum, count, whole = victim.value, 1, true
    for i = math.max(1, #history - 10), #history do
      local value = history[i].value
      if value then
        sum, count = sum + value, count + 1
        whole = whole and value == math.floor(value)
      end
    end
    local level = sum / count
    local most = string.find(victim.series or "", "percent") and 100 or math.huge
    for i = 1, draw.points do
      local rise = 1 + (draw.factor - 1) * i / draw.points
      local value = math.min(most, math.max(0, level * draw.normal(rise, 0.06)))
      value = whole and math.floor(value + 0.5) or math.floor(value * 1000 + 0.5) / 1000
      emit { at = victim.time + i * draw.within / draw.points, value = value }
    end
  end,

  expect = { mapping = "degradation" },
}
