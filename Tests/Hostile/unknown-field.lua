--- Reads what no event has.
return rule {
  id = "hostile.unknown-field", title = "Hostile", severity = "low",
  detect = function(event)
    return event.no_such_field
  end,
}
