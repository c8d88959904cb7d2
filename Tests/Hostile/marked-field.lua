--- Asks for a field whose name takes quadratic time to hash.
return rule {
  id = "hostile.marked-field", title = "Hostile", severity = "low",
  detect = function(event)
    return event[('\u{301}'):rep(500000)]
  end,
}
