--- A terminal that takes as many payments in six hours as in the fortnight before: it is compromised, or its owner is.
return rule {
  id       = "fraud.terminal-surge",
  title    = "Many cards at one terminal at once",
  severity = "high",
  tags     = { "fraud.compromised-terminal" },

  on  = { kind = "transaction", terminal = present },
  per = "terminal",
  features = {
    cards_6h    = distinct { "card", within = 6 * hour },
    taken_6h    = count { within = 6 * hour },
    taken_1d    = count { within = 1 * day },
    taken_14d   = count { within = 14 * day },
  },
  when = { cards_6h = at_least(15) },

  detect = function(_, f)
    local days_before = f.taken_14d - f.taken_1d
    -- It must be known for longer than a day, and the day and the fortnight before must have been quiet.
    if days_before < 3 or f.taken_6h < 2 * (f.taken_1d - f.taken_6h) or f.taken_6h < days_before then return nil end
    return "terminal {terminal} took {taken_6h} payments of {cards_6h} cards within six hours, {taken_14d} in two weeks"
  end,
}
