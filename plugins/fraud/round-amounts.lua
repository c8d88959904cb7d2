--- Round sums, one after another over a day: money is moved in pieces.
return rule {
  id       = "fraud.round-amounts",
  title    = "Money moved in round amounts",
  severity = "high",
  tags     = { "fraud.money-laundering" },

  on   = { kind = "transaction", amount = multiple_of(100) },
  per  = "card",
  features = {
    round    = count { within = 1 * day, where = { amount = multiple_of(100) } },
    payments = count { within = 1 * day },
    earlier  = sum { "amount", within = 1 * day, where = { amount = multiple_of(100) } },
  },
  -- Vouchers and presents are round too, but seldom come to a thousand in a day.
  when = { round = at_least(5), earlier = at_least(1000) },

  detect = function(event, f)
    if f.round < 0.35 * f.payments then return nil end
    local total = ("%.2f"):format(f.earlier + event.amount) .. (event.currency and " {currency}" or "")
    return "{round} of {payments} payments in a day were round amounts, " .. total .. " in all, with card {card}"
  end,
}
