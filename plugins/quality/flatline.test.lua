local function report(series) return { kind = "metric", series = series, value = 30 } end

return suite "quality.flatline" {
  ["silent after two days of reports"] = function(t)
    t:send(report("cpu"), { times = 2 * 24 + 1, every = 1 * hour })
    t:expect_nothing()
    t:wait(6 * hour)
    t:expect {
      severity = "medium", mapping = "silent-source",
      reason = "nothing was heard of cpu for six hours, until 2026-03-04T15:00:00Z", count = 1,
    }
  end,

  ["the others go on reporting"] = function(t)
    t:send({ report("cpu"), report("disk") }, { times = 2 * 24 + 1, every = 30 * minute })
    t:send(report("disk"), { times = 40, every = 10 * minute })
    t:expect { reason = "nothing was heard of cpu for six hours, until 2026-03-04T15:00:00Z", count = 1 }
  end,

  ["a series that reports every five hours"] = function(t)
    t:send(report("backup"), { times = 30, every = 5 * hour })
    t:expect_nothing()
  end,

  ["an instance that lived for a day"] = function(t)
    t:send(report("cpu"), { times = 6 * 24, every = 10 * minute })
    t:wait(2 * day)
    t:expect_nothing()
  end,

  ["too few reports to say what is usual"] = function(t)
    t:send(report("cpu"), { times = 5, every = 1 * hour })
    t:wait(2 * day)
    t:expect_nothing()
  end,
}
