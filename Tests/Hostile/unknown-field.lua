--- Reads what no event has, by a name that nobody can know before it runs.
return rule {
  id = "hostile.unknown-field", title = "Hostile", severity = "low",
  detect = function(event)
    return event["no_such_" .. "field"]
  end,
}
