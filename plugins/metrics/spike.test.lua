local function report(value) return { kind = "metric", series = "cpu", value = value } end

return suite "metrics.spike" {
  ["five times the level"] = function(t)
    t:send({ report(29), report(30), report(31) }, { times = 40, every = 5 * minute })
    t:expect_nothing()
    t:send(report(150))
    t:expect {
      severity = "high",
      mapping = "performance",
      reason = "cpu is at 150, 5 times its mean of the last hour, which was 30",
    }
  end,

  ["the only value of an hour must stand out further"] = function(t)
    t:send({ report(29), report(30), report(31) }, { times = 40, every = 1 * hour })
    t:send(report(120))
    t:expect_nothing()
    t:wait(1 * hour)
    t:send(report(400))
    t:expect {
      mapping = "performance",
      reason = "cpu is at 400, 11.8 times its mean of the day, which was 34",
    }
  end,

  ["noise"] = function(t)
    t:send({ report(10), report(50), report(30) }, { times = 40, every = 5 * minute })
    t:expect_nothing()
  end,

  ["a series that has just begun"] = function(t)
    t:send({ report(29), report(30), report(31) }, { times = 4, every = 5 * minute })
    t:send(report(150))
    t:expect_nothing()
  end,
}
