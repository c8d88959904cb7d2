local function pay(number, amount)
  return { kind = "transaction", card = "4711", merchant = "shop-" .. number, amount = amount }
end

return suite "fraud.many-merchants" {
  ["twelve shops in twenty minutes"] = function(t)
    for number = 1, 12 do t:send(pay(number, 60), { every = 2 * minute }) end
    t:expect { severity = "high", reason = "card 4711 paid at 12 merchants within half an hour" }
  end,

  ["an afternoon in town"] = function(t)
    for number = 1, 12 do t:send(pay(number, 60), { every = 25 * minute }) end
    t:expect_nothing()
  end,

  ["small change"] = function(t)
    for number = 1, 12 do t:send(pay(number, 2), { every = 2 * minute }) end
    t:expect_nothing()
  end,
}
