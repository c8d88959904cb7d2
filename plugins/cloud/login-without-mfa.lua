--- A person signs in to the console with a password alone. Who comes with a role from a directory was asked there.
return rule {
  id       = "cloud.login-without-mfa",
  title    = "Console login without a second factor",
  severity = "medium",
  tags     = { "attack.t1078.004" },

  on      = {
    kind = "login", mfa = "No", outcome = { "Success", "success" }, user_type = { "IAMUser", "Root", missing },
  },
  per     = "user",
  message = "{user} signed in from {src_ip} with a password alone",
}
