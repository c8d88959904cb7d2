local login = { kind = "login", user = "ana", device = "PC-1", outcome = "success" }

return suite "auth.off-hours" {
  ["an office worker at three in the night"] = function(t)
    for day = 2, 13 do
      t:send(login, { times = 4, every = 2 * hour, at = ("2026-03-%02dT09:00:00Z"):format(day) })
    end
    t:expect_nothing()
    t:send(login, { times = 4, every = 5 * minute, at = "2026-03-14T03:00:00Z" })
    t:expect {
      severity = "medium",
      reason = "4 logins within an hour around 3 o'clock by ana, who is rarely active then",
    }
  end,

  ["a night shift"] = function(t)
    for day = 3, 13 do
      t:send(login, { times = 5, every = 10 * minute, at = ("2026-03-%02dT03:00:00Z"):format(day) })
    end
    t:send(login, { times = 5, every = 10 * minute, at = "2026-03-14T03:00:00Z" })
    t:expect_nothing()
  end,

  ["a program that signs in all day and all night"] = function(t)
    t:send({ kind = "login", user = "svc", device = "SRV-1", outcome = "success" },
      { times = 700, every = 15 * minute })
    t:expect_nothing()
  end,

  ["somebody new is not judged by habits"] = function(t)
    t:send(login, { times = 7, every = 5 * minute, at = "2026-03-14T03:00:00Z" })
    t:expect_nothing()
  end,
}
