--- The root user of a cloud account does something: it should sleep in a safe.
return rule {
  id       = "cloud.root-activity",
  title    = "Root user of a cloud account is active",
  severity = "high",
  tags     = { "attack.t1078.004" },

  on      = { kind = { "api_call", "login" }, user = matches "*:root", read_only = { false, missing } },
  per     = "user",
  message = "{user} called {operation} from {src_ip}",
}
