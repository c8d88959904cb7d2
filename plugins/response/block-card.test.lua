return suite "block-card" {
  ["an alert that is to be blocked at once"] = function(t)
    t:alert { response = "immediate_block", entity_field = "card", entity = "4711", score = 0.93, alerts_7d = 2, confirmed = 1 }
    t:expect_acts { "card.block", "case.comment" }
    t:expect_act { "card.block", card = "4711" }
    t:expect_act { "case.comment", text = "card blocked: score 0.93, 2 alerts in the 7 days before, 1 confirmed" }
  end,

  ["another response, and what is no card"] = function(t)
    t:alert { response = "manual_review", entity_field = "card", entity = "4711" }
    t:alert { response = "immediate_block", entity_field = "merchant", entity = "M1" }
    t:expect_no_act()
  end,
}
