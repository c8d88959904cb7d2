--- A long-lived credential is made: the way in that stays.
return rule {
  id       = "cloud.credentials-created",
  title    = "Long-lived cloud credential was created",
  severity = "medium",
  tags     = { "attack.t1098.001" },

  on      = { kind = "api_call", error_code = missing, operation = { "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile" } },
  per     = "user",
  message = "{user} called {operation} from {src_ip}",
}
