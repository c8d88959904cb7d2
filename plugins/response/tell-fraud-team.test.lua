return suite "tell-fraud-team" {
  ["what is to be investigated"] = function(t)
    t:set { to = "fraud@example.com" }
    t:alert { response = "auto_investigate", owner = "fraud_team", title = "Card testing", message = "20 payments",
      entity = "4711", alerts_24h = 1, alerts_7d = 3, confirmed = 0 }
    t:expect_act { "notify.send", to = "fraud@example.com", subject = "investigate now: Card testing",
      text = "20 payments\nalerts before: 1 in a day, 3 in a week, 0 confirmed" }
  end,

  ["once an hour about one card, and nothing of what is only written down"] = function(t)
    t:set { to = "fraud@example.com" }
    t:alert { response = "notify_team", owner = "fraud_team", entity = "4711" }
    t:alert { response = "notify_team", owner = "fraud_team", entity = "4711" }
    t:alert { response = "log_only", owner = "fraud_team", entity = "4712" }
    t:expect_acts { "notify.send" }
  end,
}
