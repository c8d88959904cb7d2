local login = { kind = "login", user = "ana", device = "PC-1", outcome = "success" }

return suite "auth.dormant-account" {
  ["after forty days"] = function(t)
    t:send(login, { every = 40 * day })
    t:send(login)
    t:expect { severity = "medium", reason = "ana signed in after 40 days of silence" }
  end,

  ["after a holiday"] = function(t)
    t:send(login, { every = 21 * day })
    t:send(login)
    t:expect_nothing()
  end,

  ["a wrong password first"] = function(t)
    t:send(login, { every = 40 * day })
    t:send({ kind = "login", user = "ana", device = "PC-1", outcome = "failure" }, { every = 1 * minute })
    t:send(login)
    t:expect { severity = "medium", reason = "ana signed in after 40 days of silence" }
  end,
}
