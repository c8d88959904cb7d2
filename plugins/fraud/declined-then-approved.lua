--- A payment that goes through after many that were declined: somebody found the amount that still works.
return rule {
  id       = "fraud.declined-then-approved",
  title    = "Approved after many declined payments",
  severity = "medium",
  tags     = { "fraud.velocity" },

  sequence = {
    { kind = "transaction", outcome = "declined", times = 4 },
    { kind = "transaction", outcome = { "approved", "success" } },
    within = 30 * minute, by = "card",
  },
  message = "card {card} paid {amount} after four payments were declined within half an hour",
}
