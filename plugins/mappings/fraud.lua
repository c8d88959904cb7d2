--- What a finding about payments means, first row that matches.
return mapping {
  id   = "fraud",
  on   = { kind = "transaction" },
  rows = {
    { id = "card-testing", when = { event_count_1h = at_least(4) },
      category = "Fraud - Card Testing", risk = "high", cost_usd = 1000, per = "incident",
      action = "Block card, contact customer, investigate transactions", compliance = { "PCI-DSS" },
      owner = "fraud_team" },
    { id = "money-laundering", when = { amount = multiple_of(100), event_count_24h = at_least(2) },
      category = "Fraud - Money Laundering", risk = "high", cost_usd = 10000, per = "incident",
      action = "File SAR, freeze account pending investigation", compliance = { "BSA", "AML", "FinCEN" },
      owner = "compliance_team" },
    { id = "stolen-card", when = { amount = at_least(1000), time_since_last_event_seconds = at_least(3 * day) },
      category = "Fraud - Stolen Card", risk = "critical", cost_usd = 5000, per = "incident",
      action = "Decline transaction, block card, alert customer immediately",
      compliance = { "PCI-DSS", "Regulation E" }, owner = "fraud_team" },
    { id = "other-fraud",
      category = "Fraud - Unusual Payment", risk = "medium", cost_usd = 100, per = "incident",
      action = "Review the payment with the customer", compliance = { "PCI-DSS" }, owner = "fraud_team" },
  },
}
