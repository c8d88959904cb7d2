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
  when = { amount = at_least(1000), silence = at_least(3 * day) },

  detect = function(event, f)
    -- Without a past within the window nothing can be said about what is usual.
    if not f.usual or not f.largest then return nil end
    if event.amount < 3 * f.largest or event.amount < 8 * f.usual then return nil end
    local days = f.silence // 86400
    return ("{amount} paid with card {card} after %d days of silence; usual are {usual}, at most {largest}")
      :format(days)
  end,
}
