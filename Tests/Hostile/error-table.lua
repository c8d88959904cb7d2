--- Raises what is no text.
return rule {
  id = "hostile.error-table", title = "Hostile", severity = "low",
  detect = function(_)
    error({})
  end,
}
