local function pay(card) return { kind = "transaction", card = "c" .. card, terminal = "T9", amount = 30 } end

return suite "fraud.terminal-surge" {
  ["fifteen cards in an hour at a quiet terminal"] = function(t)
    t:send(pay(99), { times = 10, every = 1 * day })
    for card = 1, 15 do t:send(pay(card), { every = 4 * minute }) end
    t:expect {
      severity = "high",
      reason = "terminal T9 took 15 payments of 15 cards within six hours, 25 in two weeks",
    }
  end,

  ["a busy till"] = function(t)
    for card = 1, 300 do t:send(pay(card), { every = 20 * minute }) end
    t:wait(1 * day)
    for card = 1, 20 do t:send(pay(card), { every = 15 * minute }) end
    t:expect_nothing()
  end,
}
