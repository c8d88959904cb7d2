local function pay(outcome) return { kind = "transaction", card = "4711", amount = 80, outcome = outcome } end

return suite "fraud.declined-then-approved" {
  ["four declined and one approved"] = function(t)
    t:send(pay("declined"), { times = 4, every = 2 * minute })
    t:expect_nothing()
    t:send(pay("approved"))
    t:expect {
      severity = "medium", reason = "card 4711 paid 80 after four payments were declined within half an hour",
    }
  end,

  ["a second try at the till"] = function(t)
    t:send(pay("declined"), { every = 1 * minute })
    t:send(pay("approved"))
    t:expect_nothing()
  end,
}
