local function pay(merchant, amount)
  return { kind = "transaction", card = "4711", merchant = merchant, amount = amount }
end

return suite "fraud.large-at-new-merchant" {
  ["a television minutes after a coffee"] = function(t)
    t:send(pay("cafe", 4), { times = 25, every = 12 * hour })
    t:send(pay("cafe", 4), { every = 10 * minute })
    t:send(pay("electronics", 1800))
    t:expect {
      severity = "high",
      reason = "1800.00 paid with card 4711 at electronics, where it never was; the most in 30 days was 4.00",
    }
  end,

  ["at a merchant that it knows"] = function(t)
    t:send({ pay("cafe", 4), pay("electronics", 20) }, { times = 15, every = 12 * hour })
    t:send(pay("electronics", 1800))
    t:expect_nothing()
  end,

  ["somebody who often pays much"] = function(t)
    t:send(pay("jeweller", 900), { times = 25, every = 12 * hour })
    t:send(pay("jeweller", 900), { every = 10 * minute })
    t:send(pay("electronics", 1800))
    t:expect_nothing()
  end,

  ["after payments that name no amount"] = function(t)
    t:send(pay("cafe"), { times = 25, every = 12 * hour })
    t:send(pay("electronics", 1800))
    t:expect_nothing()
  end,
}
