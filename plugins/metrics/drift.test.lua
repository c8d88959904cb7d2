local function report(value) return { kind = "metric", series = "latency", value = value } end

return suite "metrics.drift" {
  ["two and a half times in two hours"] = function(t)
    t:send({ report(29), report(30), report(31) }, { times = 80, every = 5 * minute })
    t:expect_nothing()
    for i = 1, 20 do t:send(report(30 + i * 2.5), { every = 6 * minute }) end
    t:expect {
      severity = "medium",
      mapping = "degradation",
      reason = "latency has risen by 54 % within two hours, from 30 to 46.3 over the last half hour",
    }
  end,

  ["a jump is not a drift"] = function(t)
    t:send({ report(29), report(30), report(31) }, { times = 80, every = 5 * minute })
    t:send(report(40), { times = 20, every = 5 * minute })
    t:expect_nothing()
  end,

  ["a level that was always so"] = function(t)
    t:send({ report(79), report(80), report(81) }, { times = 80, every = 5 * minute })
    t:expect_nothing()
  end,

  ["one high value"] = function(t)
    t:send({ report(29), report(30), report(31) }, { times = 80, every = 5 * minute })
    t:send(report(75))
    t:expect_nothing()
  end,

  ["reports without a number"] = function(t)
    t:send({ report(29), report(30), report(31) }, { times = 80, every = 5 * minute })
    t:send({ kind = "metric", series = "latency" }, { times = 20, every = 3 * minute })
    t:send({ kind = "metric", series = "latency" }, { times = 4, every = 12 * minute })
    t:send(report(75), { times = 3, every = 5 * minute })
    t:expect_nothing()
  end,
}
