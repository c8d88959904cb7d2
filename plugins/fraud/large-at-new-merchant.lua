--- Far more than this card ever paid, at a merchant where it never was, and shortly after the payment before.
return rule {
  id       = "fraud.large-at-new-merchant",
  title    = "Large purchase at a new merchant",
  severity = "high",
  tags     = { "fraud.stolen-card" },

  on  = { kind = "transaction", merchant = present, amount = at_least(1500) },
  per = "card",
  features = {
    never_there = new "merchant",
    most_30d    = max { "amount", within = 30 * day },
    paid_1h     = sum { "amount", within = 1 * hour },
    bought_30d  = count { within = 30 * day },
  },
  when = { never_there = 1, bought_30d = at_least(20), most_30d = present },

  detect = function(event, f)
    if event.amount < 8 * f.most_30d or (f.paid_1h or 0) <= 0 then return nil end
    return ("%.2f paid with card {card} at {merchant}, where it never was; the most in 30 days was %.2f")
      :format(event.amount, f.most_30d)
  end,
}
