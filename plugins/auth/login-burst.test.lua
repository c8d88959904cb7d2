return suite "auth.login-burst" {
  ["twenty sign-ins in five minutes"] = function(t)
    t:send({ kind = "login", user = "ana", device = "PC-1", outcome = "success" },
      { times = 20, every = 15 * second })
    t:expect {
      severity = "high",
      reason = "20 logins in 5 minutes by ana",
    }
  end,

  ["a dozen in ten minutes"] = function(t)
    t:send({ kind = "login", user = "ana", device = "PC-1", outcome = "success" },
      { times = 12, every = 50 * second })
    t:expect { severity = "high", reason = "12 logins in 10 minutes by ana" }
  end,

  ["a day at work"] = function(t)
    t:send({ kind = "login", user = "ana", device = "PC-1", outcome = "success" },
      { times = 8, every = 1 * hour })
    t:expect_nothing()
  end,

  ["seven sign-ins in a row are a forgetful person"] = function(t)
    t:send({ kind = "login", user = "ana", device = "PC-1", outcome = "success" },
      { times = 7, every = 10 * second })
    t:expect_nothing()
  end,
}
