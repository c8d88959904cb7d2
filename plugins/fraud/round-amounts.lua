--- Round sums, one after another over a day: money is moved in pieces.
return rule {
  id       = "fraud.round-amounts",
  title    = "Money moved in round amounts",
  severity = "high",
  tags     = { "fraud.money-laundering" },

  on   = { kind = "transaction", amount = { 100, 200, 500, 1000 } },
  per  = "card",
  features = {
    round    = count { within = 1 * day, where = { amount = { 100, 200, 500, 1000 } } },
    payments = count { within = 1 * day },
    total    = sum { "amount", within = 1 * day, where = { amount = { 100, 200, 500, 1000 } } },
  },
  when = { round = at_least(5) },

  detect = function(_, f)
    if f.round < 0.7 * f.payments then return nil end
    return "{round} of {payments} payments in a day were round amounts, {total} before this one, with card {card}"
  end,
}
