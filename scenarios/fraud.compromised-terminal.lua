--- The cards that were read at a terminal are used there once more, one after the other, by somebody else.
return scenario {
  id    = "fraud.compromised-terminal",
  title = "A compromised terminal",
  onto  = { kind = "transaction", terminal = present, card = present },
  needs = { history = 3 },
  vary  = { payments = { 22, 60 }, within = { 2 * hour, 5 * hour }, amount = { 20.0, 180.0 } },
  label = { type = "fraud", name = "compromised_terminal", severity = 5 },

  inject = function(victim, draw, emit)
    local at = victim.time
    for number = 1, draw.payments do
      at = at + draw.exponential(draw.within / draw.payments)
      emit {
        at = at, card = ("%s-%d"):format(victim.card, number),
        amount = math.floor(draw.uniform(0.5, 1.5) * draw.amount * 100) / 100,
      }
    end
  end,

  expect = { mapping = "compromised-terminal" },
}
