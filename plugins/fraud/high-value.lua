--- A purchase far above anything a card ever paid, after days of silence: the card changed hands.
return rule {
  id       = "fraud.high-value",
  title    = "Large purchase with a card that was silent",
  severity = "critical",
  tags     = { "fraud.stolen-card" },

  on   = { kind = "transaction" },
  per  = "card",
  features = {
    silence = since(),
    usual   = mean { "amount", within = 30 * day },
    largest = max { "amount", within = 30 * day },
  },
  when = { amount = at_least(2500), silence = at_least(4 * day) },

  detect = function(event, f)
    -- Without a past within the window nothing can be said about what is usual.
    if not f.usual or not f.largest then return nil end
    if event.amount < 2 * f.largest or event.amount < 10 * f.usual then return nil end
    local paid = ("%.2f"):format(event.amount) .. (event.currency and " {currency}" or "")
    return paid .. (" paid with card {card} after %d days of silence; usual are %.2f, the most in 30 days was %.2f")
      :format(f.silence // 86400, f.usual, f.largest)
  end,
}
