--- What a finding about a metric or about records that cannot be read means, first row that matches.
return mapping {
  id   = "infrastructure",
  on   = { kind = { "metric", "dead_letter" } },
  rows = {
    { id = "silent-source", when = { rule = "quality.flatline" },
      category = "Data Quality - Silence", risk = "medium", cost_usd = 300, per = "day",
      action = "Check the sensor and the way its reports take", compliance = { "SLA" }, owner = "sre_team" },
    { id = "stuck-source", when = { rule = "quality.stuck-value" },
      category = "Data Quality - Stuck Value", risk = "low", cost_usd = 100, per = "day",
      action = "Check the sensor", owner = "sre_team" },
    { id = "unreadable-source", when = { rule = "quality.dead-letters" },
      category = "Data Quality - Unreadable Records", risk = "medium", cost_usd = 300, per = "day",
      action = "Ask what was changed where the file is written, mend the source's columns", compliance = { "SLA" },
      owner = "sre_team" },
    -- Less than two and a half times the value of an hour ago is slow, unless the rule for spikes has judged it,
    -- whose feature times_day is.
    { id = "degradation", when = { times_day = missing, pct_change_1h = { below(200), missing } },
      category = "Infrastructure - Degradation", risk = "medium", cost_usd = 500, per = "day",
      action = "Schedule investigation, monitor closely", compliance = { "SLA" }, owner = "sre_team" },
    { id = "performance", when = { value = present },
      category = "Infrastructure - Performance", risk = "high", cost_usd = 200, per = "minute",
      action = "Page on-call engineer, check dashboards, prepare rollback", compliance = { "SLA" },
      owner = "sre_team" },
    { id = "other-infrastructure",
      category = "Infrastructure - Metric", risk = "low", cost_usd = 0, per = "incident",
      action = "Review", owner = "sre_team" },
  },
}
