--- What a finding about sign-ins means, first row that matches. Read it aloud: it is the policy.
return mapping {
  id   = "access",
  on   = { kind = { "login", "logoff", "connect", "disconnect", "invalid_user", "too_many_attempts" } },
  rows = {
    -- Conditions on failures and logins_10m ask what the rules for guessing and for bursts have counted.
    { id = "password-guessing", when = { failures = at_least(20) },
      category = "Security - Password Guessing", risk = "medium", cost_usd = 0, per = "incident",
      action = "Block the address, watch the accounts that it tried", compliance = { "SOC2" },
      owner = "security_team" },
    { id = "account-takeover", when = { event_count_1h = at_least(8) },
      category = "Security - Account Takeover", risk = "high", cost_usd = 500, per = "incident",
      action = "Lock account, notify user, require password reset", compliance = { "SOC2", "GDPR" },
      owner = "security_team" },
    { id = "account-attack", when = { logins_10m = at_least(8) },
      category = "Security - Account Takeover", risk = "high", cost_usd = 500, per = "incident",
      action = "Block the addresses, require password reset", compliance = { "SOC2", "GDPR" },
      owner = "security_team" },
    { id = "insider-threat", when = { hour_of_day = between(0, 5) },
      category = "Security - Insider Threat", risk = "medium", cost_usd = 100, per = "incident",
      action = "Flag for review, verify with employee", compliance = { "SOC2" }, owner = "hr_security" },
    { id = "other-access",
      category = "Security - Access", risk = "low", cost_usd = 0, per = "incident",
      action = "Review", owner = "security_team" },
  },
}
