local function pay(amount) return { kind = "transaction", card = "4711", amount = amount } end

return suite "fraud.round-amounts" {
  ["ten round sums in a day"] = function(t)
    t:send({ pay(100), pay(500), pay(1000), pay(200), pay(500) }, { times = 2, every = 2 * hour })
    t:expect {
      severity = "high",
      reason = "5 of 5 payments in a day were round amounts, 2300.00 in all, with card 4711",
    }
  end,

  ["cash now and then"] = function(t)
    t:send(pay(100), { times = 4, every = 5 * hour })
    t:expect_nothing()
  end,

  ["round sums among many others"] = function(t)
    t:send({ pay(100), pay(17.3), pay(8.99) }, { times = 6, every = 1 * hour })
    t:expect_nothing()
  end,
}
