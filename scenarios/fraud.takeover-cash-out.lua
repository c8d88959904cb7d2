--- Somebody guesses a customer's password and moves the money out within the hour.
return scenario {
  id    = "fraud.takeover-cash-out",
  title = "Account takeover followed by cash-out",
  onto  = { kind = "transaction", user = present },
  needs = { history = 3 },
  vary  = { failures = { 3, 9 }, transfers = { 1, 4 }, amount = { 600.0, 4000.0 } },
  label = { type = "fraud", name = "takeover_cash_out", severity = 5 },

  inject = function(victim, draw, emit)
    local at = victim.time + draw.uniform(5 * minute, 3 * hour)
    for _ = 1, draw.failures do
      emit { at = at, kind = "login", outcome = "failure", amount = missing }
      at = at + draw.uniform(5 * second, 50 * second)
    end
    emit { at = at, kind = "login", outcome = "success", amount = missing }
    for _ = 1, draw.transfers do
      at = at + draw.uniform(2 * minute, 12 * minute)
      emit { at = at, amount = math.floor(draw.uniform(0.8, 1.2) * draw.amount * 100) / 100 }
    end
  end,

  expect = { mapping = "account-cash-out" },
}
