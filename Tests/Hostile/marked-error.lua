--- Raises megabytes of text that takes quadratic time to compare.
return rule {
  id = "hostile.marked-error", title = "Hostile", severity = "low",
  detect = function(_)
    error(('\u{301}\u{316}'):rep(300000), 0)
  end,
}
