--- What a finding about a machine means, first row that matches.
return mapping {
  id   = "endpoint",
  on   = { kind = { "process", "process_access", "service_installed", "log_cleared" } },
  rows = {
    { id = "ransomware", when = { rule = "endpoint.backups-deleted" },
      category = "Endpoint - Ransomware", risk = "critical", cost_usd = 100000, per = "incident",
      action = "Isolate the machine now, call the incident team", compliance = { "SOC2", "GDPR" }, owner = "security_team" },
    { id = "credential-theft", when = { rule = { "endpoint.lsass-access", "endpoint.credential-store-copied" } },
      category = "Endpoint - Credential Theft", risk = "critical", cost_usd = 10000, per = "incident",
      action = "Isolate the machine, reset the passwords of everybody who used it", compliance = { "SOC2" },
      owner = "security_team" },
    { id = "code-execution",
      when = { rule = { "endpoint.encoded-powershell", "endpoint.office-starts-shell", "endpoint.remote-service" } },
      category = "Endpoint - Malicious Code", risk = "high", cost_usd = 2000, per = "incident",
      action = "Isolate the machine, collect the program and its parent", compliance = { "SOC2" }, owner = "security_team" },
    { id = "other-endpoint",
      category = "Endpoint - Unusual Activity", risk = "medium", cost_usd = 100, per = "incident",
      action = "Review", owner = "security_team" },
  },
}
