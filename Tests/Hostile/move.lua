--- Moves nothing very far.
return rule {
  id = "hostile.move", title = "Hostile", severity = "low",
  detect = function(_)
    table.move({}, 1, math.maxinteger - 1, 2)
  end,
}
