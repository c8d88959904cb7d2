local function login(outcome) return { kind = "login", user = "ana", outcome = outcome } end
local function pay(amount) return { kind = "transaction", user = "ana", amount = amount } end

return suite "fraud.takeover-cash-out" {
  ["guessed, in, out with the money"] = function(t)
    t:send(login("failure"), { times = 4, every = 1 * minute })
    t:send(login("success"), { every = 5 * minute })
    t:expect_nothing()
    t:send(pay(900), { every = 5 * minute })
    t:expect {
      severity = "critical",
      reason = "ana moved 900.00 after failed logins and one that worked, all within two hours",
    }
    t:send(pay(700))
    t:expect { reason = "ana moved 1600.00 after failed logins and one that worked, all within two hours" }
  end,

  ["a payment on the next day"] = function(t)
    t:send(login("failure"), { times = 4, every = 1 * minute })
    t:send(login("success"), { every = 20 * hour })
    t:send(pay(900))
    t:expect_nothing()
  end,

  ["a lunch after a forgotten password"] = function(t)
    t:send(login("failure"), { times = 4, every = 1 * minute })
    t:send(login("success"), { every = 5 * minute })
    t:send(pay(14))
    t:expect_nothing()
  end,
}
