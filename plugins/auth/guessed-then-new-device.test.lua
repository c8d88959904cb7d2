local function login(device, outcome)
  return { kind = "login", user = "ana", device = device, outcome = outcome or "success" }
end

return suite "auth.guessed-then-new-device" {
  ["five failures and a machine never seen"] = function(t)
    t:send(login("PC-1"), { times = 6, every = 6 * hour })
    t:send(login("PC-1", "failure"), { times = 5, every = 1 * minute })
    t:expect_nothing()
    t:send(login("PC-9"))
    t:expect {
      severity = "high",
      reason = "ana signed in on PC-9, never used before, minutes after five wrong passwords",
    }
  end,

  ["a forgetful person at the usual machine"] = function(t)
    t:send(login("PC-1"), { times = 6, every = 6 * hour })
    t:send(login("PC-1", "failure"), { times = 5, every = 1 * minute })
    t:send(login("PC-1"))
    t:expect_nothing()
  end,

  ["a new machine without failures"] = function(t)
    t:send(login("PC-1"), { times = 12, every = 6 * hour })
    t:send(login("PC-9"))
    t:expect_nothing()
  end,

  ["failures that are a kind of their own"] = function(t)
    t:send(login("PC-1"), { times = 6, every = 6 * hour })
    t:send({ kind = "login_failure", user = "ana", device = "PC-1", outcome = "failure" }, { times = 5, every = 1 * minute })
    t:send(login("PC-9"))
    t:expect { severity = "high" }
  end,
}
