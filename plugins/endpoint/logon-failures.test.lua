return suite "endpoint.logon-failures" {
  ["thirty in five minutes"] = function(t)
    t:send({ kind = "login_failure", device = "WS5", user = "admin" }, { times = 30, every = 10 * second })
    t:expect { severity = "medium", reason = [[30 failed logins at WS5 within ten minutes, most lately as admin]] }
  end,

  ["a forgotten password"] = function(t)
    t:send({ kind = "login_failure", device = "WS5", user = "ana" }, { times = 4, every = 10 * second })
    t:expect_nothing()
  end,
}
