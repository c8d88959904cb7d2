--- One card at many merchants within half an hour: a number is being used up before it is blocked.
return rule {
  id       = "fraud.many-merchants",
  title    = "One card at many merchants at once",
  severity = "high",
  tags     = { "fraud.velocity" },

  on  = { kind = "transaction", merchant = present },
  per = "card",
  features = {
    shops_30m  = distinct { "merchant", within = 30 * minute },
    spent_30m  = sum { "amount", within = 30 * minute },
  },
  when    = { shops_30m = at_least(12), spent_30m = at_least(200) },
  message = "card {card} paid at {shops_30m} merchants within half an hour",
}
