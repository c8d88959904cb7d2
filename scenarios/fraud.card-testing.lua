--- Dozens of small payments within an hour: a thief finds out what a stolen card number still allows.
return scenario {
  id    = "fraud.card-testing",
  title = "Card testing with small payments",
  onto  = { kind = "transaction", channel = { "payment", missing } },
  needs = { history = 5 },
  vary  = { payments = { 30, 70 }, gap = { 55 * second, 95 * second }, amount = { 2.0, 60.0 } },
  label = { type = "fraud", name = "velocity_anomaly", severity = 4 },

  inject = function(victim, draw, emit)
    local at = victim.time
    for _ = 1, draw.payments do
      at = at + draw.exponential(draw.gap)
      local amount = draw.normal(draw.amount, 0.4 * draw.amount)
      emit { at = at, amount = math.floor(math.max(amount, 0.5) * 100 + 0.5) / 100 }
    end
  end,

  expect = { mapping = "card-testing" },
}
