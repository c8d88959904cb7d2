--- Rights are given to a user or a role, or a role is opened to others.
return rule {
  id       = "cloud.rights-widened",
  title    = "Cloud rights were widened",
  severity = "medium",
  tags     = { "attack.t1098.003" },

  on      = {
    kind = "api_call", error_code = missing,
    operation = { "AttachUserPolicy", "AttachRolePolicy", "PutUserPolicy", "PutRolePolicy", "UpdateAssumeRolePolicy" },
  },
  per     = "user",
  message = "{user} called {operation}",
}
