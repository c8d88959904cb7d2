--- Money from several strangers arrives on an account and leaves it within a day, but for the mule's share.
return scenario {
  id    = "fraud.mule-account",
  title = "A mule account",
  onto  = { kind = "transaction", account = present },
  needs = { history = 2 },
  vary  = { arrivals = { 4, 9 }, amount = { 400.0, 1800.0 }, share = { 0.03, 0.1 }, leaves = { 1, 3 } },
  label = { type = "fraud", name = "mule_account", severity = 4 },

  inject = function(victim, draw, emit)
    local at, came = victim.time, 0
    for _ = 1, draw.arrivals do
      at = at + draw.uniform(10 * minute, 2 * hour)
      local amount = math.floor(draw.uniform(0.6, 1.4) * draw.amount * 100) / 100
      came = came + amount
      emit { at = at, channel = "transfer_in", amount = amount }
    end
    for _ = 1, draw.leaves do
      at = at + draw.uniform(5 * minute, 90 * minute)
      emit { at = at, channel = "transfer_out", amount = math.floor((1 - draw.share) * came / draw.leaves * 100) / 100 }
    end
  end,

  expect = { mapping = "money-mule" },
}
