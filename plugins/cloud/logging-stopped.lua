--- Somebody stops or narrows the log of the cloud account: what follows shall not be seen.
return rule {
  id       = "cloud.logging-stopped",
  title    = "Cloud logging was stopped",
  severity = "critical",
  tags     = { "attack.t1562.008" },

  on      = {
    kind = "api_call", error_code = missing,
    operation = {
      "StopLogging", "DeleteTrail", "PutEventSelectors", "DeleteFlowLogs", "DeleteResolverQueryLogConfig",
      "DeleteDetector", "DeleteConfigurationRecorder", "StopConfigurationRecorder",
    },
  },
  per     = "user",
  message = "{user} called {operation}",
}
