--- The model doubts a payment, be it too little to say so by itself, that is far above what the card pays and where it never was.
return rule {
  id       = "fraud.suspected-at-new-merchant",
  title    = "Doubtful payment at a new merchant",
  severity = "high",
  tags     = { "fraud.stolen-card" },

  on  = { kind = "transaction", merchant = present, amount = at_least(200) },
  per = "card",
  features = {
    never_there = new "merchant",
    usual       = mean { "amount", within = 30 * day },
    bought_30d  = count { within = 30 * day },
  },
  when = { score = at_least(0.2), never_there = 1, bought_30d = at_least(10), usual = present },

  detect = function(event, f)
    if event.amount < 5 * f.usual then return nil end
    return ("%.2f paid with card {card} at {merchant}, where it never was; usual are %.2f, and the model gives it %d %% to be fraud")
      :format(event.amount, f.usual, f.score * 100 // 1)
  end,
}
