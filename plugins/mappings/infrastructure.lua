--- What a finding about a metric means, first row that matches.
return mapping {
  id   = "infrastructure",
  on   = { kind = "metric" },
  rows = {
    -- Within an hour to more than two and a half times: sudden. Slower than that: a drift.
    { id = "performance", when = { pct_change_1h = at_least(150) },
      category = "Infrastructure - Performance", risk = "high", cost_usd = 200, per = "minute",
      action = "Page on-call engineer, check dashboards, prepare rollback", compliance = { "SLA" },
      owner = "sre_team" },
    { id = "degradation", when = { pct_change_24h = at_least(20) },
      category = "Infrastructure - Degradation", risk = "medium", cost_usd = 500, per = "day",
      action = "Schedule investigation, monitor closely", compliance = { "SLA" }, owner = "sre_team" },
    { id = "other-infrastructure",
      category = "Infrastructure - Metric", risk = "low", cost_usd = 0, per = "incident",
      action = "Review", owner = "sre_team" },
  },
}
