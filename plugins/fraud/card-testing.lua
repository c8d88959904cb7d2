--- Dozens of small payments with one card within an hour: somebody tries what a stolen number allows.
return rule {
  id       = "fraud.card-testing",
  title    = "Card testing",
  severity = "high",
  tags     = { "fraud.velocity" },

  on   = { kind = "transaction" },
  per  = "card",
  features = {
    payments      = count { within = 1 * hour },
    week_payments = count { within = 7 * day },
    typical       = mean { "amount", within = 1 * hour },
  },
  when = { payments = at_least(20), typical = below(100) },

  detect = function(event, f)
    -- Players and buyers of companies pay like this every few days; a card that never did is being tried.
    if f.payments < 0.4 * f.week_payments then return nil end
    local typical = ("%.2f"):format(f.typical) .. (event.currency and " {currency}" or "")
    return "{payments} payments of " .. typical .. " on average within an hour with card {card}"
  end,
}
