--- A way in is added to the firewall or the serial console; from where, the log alone does not say.
return rule {
  id       = "cloud.firewall-opened",
  title    = "Cloud firewall was changed",
  severity = "low",
  tags     = { "attack.t1562.007" },

  on      = { kind = "api_call", error_code = missing, operation = { "AuthorizeSecurityGroupIngress", "EnableSerialConsoleAccess" } },
  per     = "user",
  message = "{user} added a way in: {operation}",
}
