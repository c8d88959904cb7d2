local function report(value) return { kind = "metric", series = "temperature", value = value } end

return suite "quality.stuck-value" {
  ["three hours at one value"] = function(t)
    for i = 1, 220 do t:send(report(20.5 + 5 * math.sin(i / 10)), { every = 10 * minute }) end
    t:expect_nothing()
    t:send(report(21.37), { times = 20, every = 10 * minute })
    t:expect { severity = "low", mapping = "stuck-source", reason = "temperature has stood at 21.37 for 19 reports" }
  end,

  ["a series that moves"] = function(t)
    for i = 1, 260 do t:send(report(20.5 + 5 * math.sin(i / 10)), { every = 10 * minute }) end
    t:expect_nothing()
  end,

  ["a switch that is on or off"] = function(t)
    for i = 1, 260 do t:send(report(i % 40 < 20 and 1 or 2), { every = 10 * minute }) end
    t:expect_nothing()
  end,

  ["the value that ends the stillness"] = function(t)
    for i = 1, 220 do t:send(report(20.5 + 5 * math.sin(i / 10)), { every = 10 * minute }) end
    t:send(report(0), { times = 19, every = 10 * minute })
    t:send(report(23.4), { every = 10 * minute })
    t:expect_nothing()
  end,

  ["a whole number, where hardly any was one"] = function(t)
    for i = 1, 220 do t:send(report(80.5 + 10 * math.sin(i / 10)), { every = 10 * minute }) end
    t:send(report(85), { times = 20, every = 10 * minute })
    t:expect { severity = "low", reason = "temperature has stood at 85 for 19 reports" }
  end,
}
