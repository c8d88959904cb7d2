--- The cards that were read at a terminal are used there once more, one after the other, by somebody else.
return scenario {
  id    = "fraud.compromised-terminal",
  title = "A compromised terminal",
  -- What a terminal itself reports: there the terminal is the first entity, and it stays the same.
  onto  = { kind = "transaction", terminal = present, card = missing, account = missing, user = missing },
  needs = { history = 3 },
  vary  = { payments = { 22, 60 }, within = { 2 * hour, 5 * hour }, amount = { 20.0, 180.0 } },
  label = { type = "fraud", name = "compromised_terminal", severity = 5 },

  inject = function(victim, draw, emit)
    local at = victim.time
    for number = 1, draw.payments do
      at = at + draw.exponential(draw.within / draw.payments)
      emit {
        at = at, card = ("%s-%d"):format(victim.terminal, number),
        amount = math.floor(draw.uniform(0.5, 1.5) * draw.amount * 100) / 100,
      }
    end
  end,

  expect = { mapping = "compromised-terminal" },
}
