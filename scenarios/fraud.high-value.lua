--- One large purchase in a shop with a card that nobody used for a week.
return scenario {
  id    = "fraud.high-value",
  title = "A stolen card after a week of silence",
  onto  = { kind = "transaction", channel = { "card_present", missing } },
  -- The silence is real: victims are cards that rest for long enough after the event they are drawn by.
  needs = { history = 3, quiet = 7 * day + 3 * hour },
  vary  = { amount = { 3000.0, 8000.0 }, later = { 0 * hour, 3 * hour } },
  label = { type = "fraud", name = "high_value_sudden", severity = 5 },

  inject = function(victim, draw, emit)
    local amount = math.floor(draw.amount * 100 + 0.5) / 100
    emit { at = victim.time + 7 * day + draw.later, amount = amount }
  end,

  expect = { mapping = "stolen-card" },
}
