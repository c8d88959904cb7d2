--- Many secrets are read within minutes.
local reads = { "GetSecretValue", "BatchGetSecretValue", "GetParameter", "GetParameters", "GetPasswordData" }

return rule {
  id       = "cloud.secrets-harvested",
  title    = "Secrets are being harvested",
  severity = "high",
  tags     = { "attack.t1555.006" },

  on      = { kind = "api_call", operation = reads },
  per     = "user",
  features = {
    secrets_10m = count { within = 10 * minute, where = { operation = reads } },
  },
  when    = { secrets_10m = at_least(10) },
  message = "{user} asked for secrets {secrets_10m} times within ten minutes",
}
