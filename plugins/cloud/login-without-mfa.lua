--- A person signs in to the console with a password alone.
return rule {
  id       = "cloud.login-without-mfa",
  title    = "Console login without a second factor",
  severity = "medium",
  tags     = { "attack.t1078.004" },

  on      = { kind = "login", mfa = "No", outcome = { "Success", "success" } },
  per     = "user",
  message = "{user} signed in from {src_ip} with a password alone",
}
