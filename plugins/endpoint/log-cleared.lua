--- The security log of a machine is cleared.
return rule {
  id       = "endpoint.log-cleared",
  title    = "Event log was cleared",
  severity = "high",
  tags     = { "attack.t1070.001" },

  on      = { kind = "log_cleared" },
  per     = "device",
  message = "{user} cleared an event log of {device}",
}
