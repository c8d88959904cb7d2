--- A metric that jumps to several times its own level within a minute and stays there.
return scenario {
  id    = "metrics.spike",
  title = "A sudden spike of a metric",
  onto  = { kind = "metric", value = above(0) },
  needs = { history = 24 },
  vary  = { factor = { 4.0, 7.0 }, points = { 5, 9 }, gap = { 50 * second, 80 * second } },
  label = { type = "anomaly", name = "metric_spike", severity = 4 },

  inject = function(victim, draw, emit, history)
    -- The level is the median of the last day's values, or their mean where most of them are 0.
    local values, sum, whole = {}, 0, true
    for i = math.max(1, #history - 47), #history do
      local value = history[i].value
      if value then
        values[#values + 1] = value
        sum = sum + value
        whole = whole and value == math.floor(value)
      end
    end
    table.sort(values)
    local level = values[#values // 2 + 1] or victim.value
    if level <= 0 then level = sum > 0 and sum / #values or victim.value end
    local most = string.find(victim.series or "", "percent") and 100 or math.huge

    local function report(step, value, labelled)
      value = math.min(most, math.max(0, value))
      value = whole and math.floor(value + 0.5) or math.floor(value * 1000 + 0.5) / 1000
      emit { at = victim.time + step * draw.gap, value = value, label = labelled }
    end
    for i = 1, 5 do report(i, draw.normal(level, 0.1 * level), false) end
    for i = 6, 5 + draw.points do report(i, level * draw.normal(draw.factor, 0.4), true) end
  end,

  expect = { mapping = "performance" },
}
