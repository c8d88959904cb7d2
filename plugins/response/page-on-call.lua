--- Page the owner's on-call when a critical alert sits unclaimed.
return escalation {
  id       = "page-on-call",
  when     = { severity = "critical", unclaimed = at_least(5 * minute) },
  uses     = { "http" },
  settings = { url = setting.url "Where the pager listens", key = setting.secret "Routing key" },
  limit    = { 1, every = 30 * minute, per = { "owner", "entity" } },

  run = function(alert, settings)
    act.http.post {
      url = settings.url, timeout = 5 * second, retries = 3,
      json = { routing_key = settings.key, dedup_key = alert.id, summary = alert.title, owner = alert.owner },
    }
  end,
}
