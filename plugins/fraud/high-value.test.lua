local function pay(amount) return { kind = "transaction", card = "4711", amount = amount } end

return suite "fraud.high-value" {
  ["five thousand after a week"] = function(t)
    t:send(pay(40), { times = 10, every = 1 * day })
    t:wait(7 * day)
    t:send(pay(5000))
    t:expect {
      severity = "critical",
      reason = "5000.00 paid with card 4711 after 8 days of silence; usual are 40.00, the most in 30 days was 40.00",
    }
  end,

  ["a large purchase of an active card"] = function(t)
    t:send(pay(40), { times = 10, every = 1 * day })
    t:send(pay(5000))
    t:expect_nothing()
  end,

  ["somebody who always buys large things"] = function(t)
    t:send(pay(4000), { times = 3, every = 6 * day })
    t:send(pay(5000))
    t:expect_nothing()
  end,

  ["a card never seen before"] = function(t)
    t:send(pay(5000))
    t:expect_nothing()
  end,
}
