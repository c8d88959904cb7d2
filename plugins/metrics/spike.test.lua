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

  ["a jump at night that stays below the day's mean"] = function(t)
    t:send({ report(69), report(70), report(71) }, { times = 60, every = 5 * minute })
    t:send({ report(9.5), report(10), report(10.5) }, { times = 10, every = 5 * minute })
    t:expect_nothing()
    t:send(report(40), { every = 5 * minute })
    t:expect {
      mapping = "performance",
      reason = "cpu is at 40, 4 times its mean of the last hour, which was 10",
    }
  end,

  ["half as much again, out of a calm hour"] = function(t)
    t:send({ report(59), report(60), report(61) }, { times = 40, every = 5 * minute })
    t:send(report(95))
    t:expect { mapping = "performance" }
  end,

  ["half as much again, out of a restless hour"] = function(t)
    t:send({ report(40), report(60), report(80) }, { times = 40, every = 5 * minute })
    t:send(report(95))
    t:expect_nothing()
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

  ["reports without a number"] = function(t)
    t:send({ kind = "metric", series = "cpu" }, { times = 40, every = 2 * minute })
    t:send(report(150), { times = 3, every = 2 * minute })
    t:expect_nothing()
  end,
}
