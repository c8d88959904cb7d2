--- What a finding about calls to a cloud means, first row that matches.
return mapping {
  id   = "cloud",
  on   = { kind = "api_call" },
  rows = {
    { id = "cloud-blinded", when = { rule = "cloud.logging-stopped" },
      category = "Cloud - Logging Disabled", risk = "critical", cost_usd = 10000, per = "incident",
      action = "Restore the log, revoke the credentials, look at what came after", compliance = { "SOC2", "ISO27001" },
      owner = "security_team" },
    { id = "cloud-exfiltration", when = { rule = "cloud.secrets-harvested" },
      category = "Cloud - Data Exfiltration", risk = "high", cost_usd = 20000, per = "incident",
      action = "Revoke the credentials, rotate the secrets", compliance = { "SOC2", "GDPR" }, owner = "security_team" },
    { id = "cloud-persistence", when = { rule = { "cloud.credentials-created", "cloud.rights-widened" } },
      category = "Cloud - Persistence", risk = "medium", cost_usd = 1000, per = "incident",
      action = "Ask who did this and why, revoke what was made", compliance = { "SOC2" }, owner = "security_team" },
    -- The change is known and what it opened is not, so it costs the time of looking at it.
    { id = "cloud-sharing", when = { rule = { "cloud.shared-outside", "cloud.firewall-opened" } },
      category = "Cloud - Sharing Changed", risk = "medium", cost_usd = 100, per = "incident",
      action = "Look at what was opened to whom, take it back where nobody wanted it", compliance = { "SOC2", "GDPR" },
      owner = "security_team" },
    { id = "other-cloud",
      category = "Cloud - Unusual Activity", risk = "medium", cost_usd = 100, per = "incident",
      action = "Review", owner = "security_team" },
  },
}
