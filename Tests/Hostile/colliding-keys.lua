--- Fills a table with keys that all fall into one place.
local kept, n = {}, 0

return rule {
  id = "hostile.colliding-keys", title = "Hostile", severity = "low",
  detect = function(_)
    for _ = 1, 2000 do
      n = n + 1
      kept[n * 131071] = true
    end
  end,
}
