--- One address asks for names that do not exist: somebody searches for accounts.
return rule {
  id       = "auth.name-search",
  title    = "Account names are being searched",
  severity = "medium",
  tags     = { "attack.t1087" },

  on  = { kind = "invalid_user", src_ip = present },
  per = "src_ip",
  features = {
    names_1h = distinct { "user", within = 1 * hour, where = { kind = "invalid_user" } },
    tries_1h = count { within = 1 * hour, where = { kind = "invalid_user" } },
  },
  when    = { names_1h = at_least(10) },
  message = "{src_ip} asked for {names_1h} names that do not exist within an hour, {tries_1h} times in all",
}
