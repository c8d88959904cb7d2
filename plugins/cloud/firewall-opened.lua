--- A port is opened to the outside.
return rule {
  id       = "cloud.firewall-opened",
  title    = "Cloud firewall was opened",
  severity = "medium",
  tags     = { "attack.t1562.007" },

  on      = { kind = "api_call", error_code = missing, operation = { "AuthorizeSecurityGroupIngress", "EnableSerialConsoleAccess" } },
  per     = "user",
  message = "{user} called {operation}",
}
