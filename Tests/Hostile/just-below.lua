--- Takes almost all of its time in every call and never fails.
return rule {
  id = "hostile.just-below", title = "Hostile", severity = "low",
  detect = function(_)
    for _ = 1, 100000 do end
  end,
}
