--- Tell the fraud team what to look at, with what is known of the alerts before.
local words = {
  auto_investigate = "investigate now", manual_review = "a person should look", notify_team = "for your information",
}

return escalation {
  id       = "tell-fraud-team",
  when     = { response = { "auto_investigate", "manual_review", "notify_team" }, owner = "fraud_team" },
  uses     = { "notify" },
  settings = { to = setting.text "Who is told: an address or a channel" },
  limit    = { 1, every = 1 * hour, per = { "entity", "response" } },

  run = function(alert, settings)
    act.notify.send {
      to = settings.to, subject = words[alert.response] .. ": " .. alert.title,
      text = alert.message .. "\nalerts before: " .. figure(alert.alerts_24h) .. " in a day, "
        .. figure(alert.alerts_7d) .. " in a week, " .. figure(alert.confirmed) .. " confirmed",
    }
  end,
}
