--- Dozens of small payments with one card within an hour: somebody tries what a stolen number allows.
return rule {
  id       = "fraud.card-testing",
  title    = "Card testing",
  severity = "high",
  tags     = { "fraud.velocity" },

  on   = { kind = "transaction" },
  per  = "card",
  features = {
    payments = count { within = 1 * hour },
    typical  = mean { "amount", within = 1 * hour },
  },
  when = { payments = at_least(10), typical = below(150) },

  message = "{payments} payments of {typical} on average within an hour with card {card}",
}
