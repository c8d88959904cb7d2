--- Loads when it is checked and not when it is to run.
-- Every state draws its own numbers: the checker sees this one.
if math.random(1000000) ~= 902056 then error("not here") end

return rule {
  id = "hostile.gone", title = "Hostile", severity = "low",
  detect = function(_)
    return 'never asked'
  end,
}
