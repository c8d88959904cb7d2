--- Block a card at once where the policy for payments says so.
return escalation {
  id    = "block-card",
  when  = { response = "immediate_block", entity_field = "card" },
  uses  = { "card", "case" },
  -- A rule gone wild must not block every card there is.
  limit = { 50, every = 1 * hour },

  run = function(alert)
    act.card.block { card = alert.entity }
    act.case.comment { alert = alert.id, text = "card blocked: score " .. figure(alert.score) .. ", "
      .. figure(alert.alerts_7d) .. " alerts in the 7 days before, " .. figure(alert.confirmed) .. " confirmed" }
  end,
}
