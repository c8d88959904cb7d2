--- Round sums over a day, one after another: money is being moved in pieces.
return scenario {
  id    = "fraud.round-amounts",
  title = "Money laundered in round amounts",
  onto  = { kind = "transaction", channel = { "payment", missing } },
  needs = { history = 5 },
  vary  = { payments = { 8, 14 }, within = { 18 * hour, 26 * hour } },
  label = { type = "fraud", name = "round_amounts", severity = 3 },

  inject = function(victim, draw, emit)
    local gap = draw.within / draw.payments
    for i = 0, draw.payments - 1 do
      emit {
        at = victim.time + (i + draw.uniform(0.2, 0.8)) * gap,
        amount = draw.choice { 100, 200, 500, 1000 },
      }
    end
  end,

  expect = { mapping = "money-laundering" },
}
