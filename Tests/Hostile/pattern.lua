--- Asks for a match that takes exponential time.
return rule {
  id = "hostile.pattern", title = "Hostile", severity = "low",
  detect = function(_)
    return (('a'):rep(30)):find(('a?'):rep(30) .. ('a'):rep(30)) and 'found'
  end,
}
