--- Tries a set of a megabyte at every place of a text.
return rule {
  id = "hostile.long-set", title = "Hostile", severity = "low",
  detect = function(_)
    return (('a'):rep(50000)):gsub('[a' .. ('b'):rep(1000000) .. ']', 'x')
  end,
}
