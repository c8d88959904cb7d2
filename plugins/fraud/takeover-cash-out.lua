--- Failures, a sign-in that works, then money leaves: an account was taken over and is being emptied.
return rule {
  id       = "fraud.takeover-cash-out",
  title    = "Account taken over and cashed out",
  severity = "critical",
  tags     = { "attack.t1078", "fraud.account-takeover" },

  sequence = {
    { kind = "login", outcome = "failure", times = 3 },
    { kind = "login", outcome = "success" },
    { kind = "transaction", amount = at_least(500) },
    within = 2 * hour, by = "user",
  },
  features = { moved_2h = sum { "amount", within = 2 * hour, where = { kind = "transaction" } } },
  detect   = function(event, f)
    return ("{user} moved %.2f after failed logins and one that worked, all within two hours")
      :format(event.amount + (f.moved_2h or 0))
  end,
}
