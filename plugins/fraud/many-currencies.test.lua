local function pay(currency) return { kind = "transaction", card = "4711", amount = 20, currency = currency } end

return suite "fraud.many-currencies" {
  ["three in ten minutes"] = function(t)
    t:send({ pay("EUR"), pay("USD"), pay("BRL") }, { every = 5 * minute })
    t:expect { severity = "medium", reason = "card 4711 paid in 3 currencies within an hour" }
  end,

  ["a traveller"] = function(t)
    t:send({ pay("EUR"), pay("USD"), pay("BRL") }, { times = 3, every = 5 * hour })
    t:expect_nothing()
  end,
}
