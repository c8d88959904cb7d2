--- A repeat offender whose scores stay low: those above the team decide.
return escalation {
  id       = "escalate-repeat-offender",
  when     = { response = "escalate" },
  uses     = { "notify" },
  settings = { to = setting.text "Who decides where the team does not: an address or a channel" },
  limit    = { 1, every = 1 * day, per = { "entity" } },

  run = function(alert, settings)
    act.notify.send {
      to = settings.to, subject = "Again and again: " .. (alert.entity or alert.title),
      text = alert.message .. "\n" .. figure(alert.alerts_7d) .. " alerts in the 7 days before, "
        .. figure(alert.confirmed) .. " confirmed, " .. figure(alert.false_alarms) .. " false or benign",
    }
  end,
}
