local function pay(latitude, longitude, channel)
  return {
    kind = "transaction", card = "4711", amount = 40, latitude = 38.7, longitude = -9.1, channel = channel,
    merchant_latitude = latitude, merchant_longitude = longitude,
  }
end

return suite "fraud.far-away" {
  ["Lisbon and Berlin"] = function(t)
    t:send(pay(52.5, 13.4))
    t:expect { severity = "medium", reason = "card 4711 paid 2310 km away from home" }
  end,

  ["across the river"] = function(t)
    t:send(pay(38.6, -9.1))
    t:expect_nothing()
  end,

  ["on the internet, where distance says nothing"] = function(t)
    t:send(pay(52.5, 13.4, "payment"))
    t:expect_nothing()
  end,
}
