--- One card in three currencies within an hour.
return rule {
  id       = "fraud.many-currencies",
  title    = "One card in several currencies",
  severity = "medium",
  tags     = { "fraud.velocity" },

  on  = { kind = "transaction", currency = present },
  per = "card",
  features = { currencies_1h = distinct { "currency", within = 1 * hour } },
  when    = { currencies_1h = at_least(3) },
  message = "card {card} paid in {currencies_1h} currencies within an hour",
}
