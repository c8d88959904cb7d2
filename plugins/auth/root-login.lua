--- Somebody signs in as root from an address that never did so.
--- Windows writes a dash where there is no address: that is the machine itself.
return rule {
  id       = "auth.root-login",
  title    = "Root signed in from a new address",
  severity = "high",
  tags     = { "attack.t1078.003" },

  on  = { kind = "login", user = { "root", "administrator", "Administrator" }, outcome = "success", src_ip = not_ { "-", "::1", "127.0.0.1" } },
  per = "user",
  features = { from_new_address = new "src_ip" },
  when     = { from_new_address = 1 },
  message  = "{user} signed in from {src_ip}, from where it never did",
}
