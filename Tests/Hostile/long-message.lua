--- Returns more than anybody reads.
return rule {
  id = "hostile.long-message", title = "Hostile", severity = "low",
  detect = function(_)
    return ('x'):rep(60000)
  end,
}
