--- What a finding about sign-ins means, first row that matches. Read it aloud: it is the policy.
return mapping {
  id   = "access",
  on   = { kind = { "login", "logoff", "connect", "disconnect", "invalid_user", "too_many_attempts" } },
  rows = {
    { id = "account-takeover", when = { event_count_1h = at_least(8) },
      category = "Security - Account Takeover", risk = "high", cost_usd = 500, per = "incident",
      action = "Lock account, notify user, require password reset", compliance = { "SOC2", "GDPR" },
      owner = "security_team" },
    { id = "insider-threat", when = { hour_of_day = between(0, 5) },
      category = "Security - Insider Threat", risk = "medium", cost_usd = 100, per = "incident",
      action = "Flag for review, verify with employee", compliance = { "SOC2" }, owner = "hr_security" },
    { id = "other-access",
      category = "Security - Access", risk = "low", cost_usd = 0, per = "incident",
      action = "Review", owner = "security_team" },
  },
}
