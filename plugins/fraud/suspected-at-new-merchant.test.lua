local function pay(merchant, amount)
  return { kind = "transaction", card = "4711", merchant = merchant, amount = amount }
end

return suite "fraud.suspected-at-new-merchant" {
  ["far more than usual, where it never was, and the model doubts it"] = function(t)
    t:send(pay("cafe", 40), { times = 15, every = 1 * day })
    t:score(0.35)
    t:send(pay("electronics", 420))
    t:expect {
      severity = "high",
      reason = "420.00 paid with card 4711 at electronics, where it never was; usual are 40.00, "
        .. "and the model gives it 35 % to be fraud",
    }
  end,

  ["the model finds nothing in it"] = function(t)
    t:send(pay("cafe", 40), { times = 15, every = 1 * day })
    t:score(0.05)
    t:send(pay("electronics", 420))
    t:expect_nothing()
  end,

  ["without a model"] = function(t)
    t:send(pay("cafe", 40), { times = 15, every = 1 * day })
    t:send(pay("electronics", 420))
    t:expect_nothing()
  end,

  ["at a merchant that the card knows"] = function(t)
    t:send({ pay("cafe", 40), pay("electronics", 60) }, { times = 15, every = 1 * day })
    t:score(0.35)
    t:send(pay("electronics", 420))
    t:expect_nothing()
  end,

  ["somebody who often pays as much"] = function(t)
    t:send(pay("jeweller", 300), { times = 15, every = 1 * day })
    t:score(0.35)
    t:send(pay("electronics", 420))
    t:expect_nothing()
  end,

  ["a card of which little is known"] = function(t)
    t:send(pay("cafe", 40), { times = 4, every = 1 * day })
    t:score(0.35)
    t:send(pay("electronics", 420))
    t:expect_nothing()
  end,
}
