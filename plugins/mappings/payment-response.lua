--- How severe an alert on a payment is and what is done about it: by its score, the payment, and the alerts before it.
--- What is below 0.4 and no pattern of it is high is left to the rule that found it.
-- Velocity is payments within an hour: counted over a day and divided by 24, nobody would ever reach 15.
local large, odd_hour = at_least(1000), { below(6), above(22) }
local rapid = below(300)

return mapping {
  id = "payment-response",
  on = { kind = "transaction" },

  severity = {
    { "critical", when = { score = at_least(0.9) } },
    { "high", when = { score = at_least(0.7), time_since_last_event_seconds = rapid } },
    { "high", when = { score = at_least(0.7), event_count_1h = above(15) } },
    { "high", when = { score = at_least(0.5), amount = large, time_since_last_event_seconds = rapid } },
    { "high", when = { score = at_least(0.5), amount = large, event_count_1h = above(15) } },
    -- Two of four signs.
    { "medium", when = { score = at_least(0.4), amount = large, hour_of_day = odd_hour } },
    { "medium", when = { score = at_least(0.4), amount = large, time_since_last_event_seconds = rapid } },
    { "medium", when = { score = at_least(0.4), amount = large, event_count_1h = above(5) } },
    { "medium", when = { score = at_least(0.4), hour_of_day = odd_hour, time_since_last_event_seconds = rapid } },
    { "medium", when = { score = at_least(0.4), hour_of_day = odd_hour, event_count_1h = above(5) } },
    { "medium",
      when = { score = at_least(0.4), time_since_last_event_seconds = rapid, event_count_1h = above(5) } },
    { "low", when = { score = present } },
  },

  response = {
    { "immediate_block", when = { score = at_least(0.9) } },
    { "immediate_block", when = { score = at_least(0.7), alerts_7d = at_least(3) } },
    { "auto_investigate", when = { score = at_least(0.8), confirmed = above(0) } },
    { "auto_investigate", when = { score = at_least(0.8), alerts_24h = at_least(3) } },
    -- A score half above what this card's alerts had so far: it is getting worse.
    { "auto_investigate", when = { score = at_least(0.6), score_over_mean = above(1.5), alerts_7d = at_least(1) } },
    { "manual_review", when = { score = at_least(0.8) } },
    { "manual_review", when = { score = at_least(0.6), risk_profile = "high" } },
    { "manual_review", when = { score = at_least(0.6), alerts_24h = at_least(2) } },
    -- What a rule calls grave is looked at by a person, whatever the model thinks of it.
    { "manual_review", when = { severity = { "high", "critical" } } },
    { "notify_team", when = { score = at_least(0.6) } },
    { "escalate", when = { alerts_7d = at_least(3) } },
    { "escalate", when = { alerts_24h = at_least(5) } },
    { "notify_team", when = { score = at_least(0.3) } },
    { "log_only" },
  },
}
