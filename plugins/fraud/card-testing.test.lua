return suite "fraud.card-testing" {
  ["a small payment a minute"] = function(t)
    t:send({ kind = "transaction", card = "4711", amount = 12.5 }, { times = 30, every = 1 * minute })
    t:expect {
      severity = "high",
      reason = "30 payments of 12.50 on average within an hour with card 4711",
    }
  end,

  ["a player who pays like this every few days"] = function(t)
    t:send({ kind = "transaction", card = "4711", amount = 4.99 }, { times = 19, every = 1 * minute })
    t:wait(2 * day)
    t:send({ kind = "transaction", card = "4711", amount = 4.99 }, { times = 19, every = 1 * minute })
    t:wait(2 * day)
    t:send({ kind = "transaction", card = "4711", amount = 4.99 }, { times = 24, every = 1 * minute })
    t:expect_nothing()
  end,

  ["in its currency"] = function(t)
    t:send({ kind = "transaction", card = "4711", amount = 2, currency = "EUR" }, { times = 20, every = 1 * minute })
    t:expect { reason = "20 payments of 2.00 EUR on average within an hour with card 4711" }
  end,

  ["an afternoon in town"] = function(t)
    t:send({ kind = "transaction", card = "4711", amount = 40 }, { times = 9, every = 10 * minute })
    t:expect_nothing()
  end,

  ["a trader's day of large payments"] = function(t)
    t:send({ kind = "transaction", card = "4711", amount = 900 }, { times = 30, every = 1 * minute })
    t:expect_nothing()
  end,
}
