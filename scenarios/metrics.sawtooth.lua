--- A metric climbs to a multiple of its level and falls back, again and again: something leaks and is restarted.
return scenario {
  id    = "metrics.sawtooth",
  title = "A metric goes up and down like a saw",
  onto  = { kind = "metric", value = above(0) },
  needs = { history = 24 },
  vary  = { factor = { 4.0, 8.0 }, teeth = { 3, 6 }, points = { 5, 10 }, gap = { 60 * second, 150 * second } },
  label = { type = "anomaly", name = "metric_sawtooth", severity = 3 },

  inject = function(victim, draw, emit, history)
    local sum, count = 0, 0
    for i = math.max(1, #history - 47), #history do
      if history[i].value then sum, count = sum + history[i].value, count + 1 end
    end
    local level = count > 0 and sum / count or victim.value
    if level <= 0 then level = victim.value end
    local step = 0
    for _ = 1, draw.teeth do
      for point = 1, draw.points do
        step = step + 1
        local height = 1 + (draw.factor - 1) * point / draw.points
        emit { at = victim.time + step * draw.gap, value = math.floor(level * height * 1000) / 1000 }
      end
    end
  end,

  expect = { mapping = "performance" },
}
