local function transfer(channel, amount)
  return { kind = "transaction", account = "A1", channel = channel, amount = amount }
end

return suite "fraud.mule-account" {
  ["three in, one out"] = function(t)
    t:send(transfer("transfer_in", 900), { times = 3, every = 3 * hour })
    t:expect_nothing()
    t:send(transfer("transfer_out", 2600))
    t:expect { severity = "high", reason = "account A1 sent on 2600.00 of 2700.00 that came in within two days" }
  end,

  ["wages and rent"] = function(t)
    t:send(transfer("transfer_in", 900), { times = 3, every = 3 * hour })
    t:send(transfer("transfer_out", 800))
    t:expect_nothing()
  end,

  ["small sums among friends"] = function(t)
    t:send(transfer("transfer_in", 20), { times = 3, every = 3 * hour })
    t:send(transfer("transfer_out", 60))
    t:expect_nothing()
  end,

  ["a transfer out that names no amount"] = function(t)
    t:send(transfer("transfer_in", 900), { times = 3, every = 3 * hour })
    t:send(transfer("transfer_out"))
    t:expect_nothing()
  end,
}
