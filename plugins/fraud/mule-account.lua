--- Money comes in from several places and leaves at once: the account passes it on.
return rule {
  id       = "fraud.mule-account",
  title    = "Account passes money on",
  severity = "high",
  tags     = { "fraud.money-mule" },

  sequence = {
    { kind = "transaction", channel = "transfer_in", times = 3 },
    { kind = "transaction", channel = "transfer_out", amount = present },
    within = 2 * day, by = "account",
  },
  features = {
    came = sum { "amount", within = 2 * day, where = { channel = "transfer_in" } },
    left = sum { "amount", within = 2 * day, where = { channel = "transfer_out" } },
  },
  detect = function(event, f)
    local out = event.amount + (f.left or 0)
    if (f.came or 0) < 1000 or out < 0.8 * f.came then return nil end
    return ("account {account} sent on %.2f of %.2f that came in within two days"):format(out, f.came)
  end,
}
