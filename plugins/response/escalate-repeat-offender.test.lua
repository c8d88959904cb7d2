return suite "escalate-repeat-offender" {
  ["told once a day"] = function(t)
    t:set { to = "senior-fraud@example.com" }
    t:alert { response = "escalate", entity = "4711", message = "far away", alerts_7d = 4, confirmed = 0, false_alarms = 3 }
    t:alert { response = "escalate", entity = "4711" }
    t:expect_acts { "notify.send" }
    t:expect_act { "notify.send", subject = "Again and again: 4711",
      text = "far away\n4 alerts in the 7 days before, 0 confirmed, 3 false or benign" }
  end,

  ["any other response"] = function(t)
    t:set { to = "senior-fraud@example.com" }
    t:alert { response = "notify_team", entity = "4711" }
    t:expect_no_act()
  end,
}
