--- Returns a text that takes quadratic time to compare.
return rule {
  id = "hostile.combining-marks", title = "Hostile", severity = "low",
  detect = function(_)
    return ('\u{301}'):rep(30000)
  end,
}
