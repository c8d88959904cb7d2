--- Contain a taken-over account: lock it, ask a person, then finish.
return playbook {
  id    = "contain-account",
  when  = { rule = { "auth.login-burst", "auth.success-after-failures" }, severity = { "high", "critical" }, entity_field = "user" },
  uses  = { "directory" },
  steps = {
    { "lock sign-in",
      run  = function(alert) act.directory.lock { user = alert.entity } end,
      undo = function(alert) act.directory.unlock { user = alert.entity } end },
    { "end sessions", run = function(alert) act.directory.sign_out { user = alert.entity } end },
    { "was it you?", ask = "Did {entity} sign in just now?",
      choices = { "yes", "no" }, within = 30 * minute, otherwise = "no" },
    { "finish",
      run = function(alert, answers)
        if answers["was it you?"] == "yes" then return act.directory.unlock { user = alert.entity } end
        return act.directory.reset_password { user = alert.entity }
      end },
  },
}
