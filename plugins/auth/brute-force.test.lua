local function failure(user)
  return { kind = "login", user = user, src_ip = "203.0.113.9", outcome = "failure" }
end

return suite "auth.brute-force" {
  ["one account"] = function(t)
    t:send(failure("root"), { times = 20, every = 5 * second })
    t:expect {
      severity = "medium",
      reason = "20 failed logins in 10 minutes from 203.0.113.9, most lately as root",
    }
  end,

  ["any account"] = function(t)
    t:send({ failure("root"), failure("admin"), failure("test"), failure("git"), failure("oracle") },
      { times = 4, every = 5 * second })
    t:expect {
      severity = "high",
      reason = "20 failed logins of 5 users in 10 minutes from 203.0.113.9",
    }
  end,

  ["a slow trickle"] = function(t)
    t:send(failure("root"), { times = 60, every = 1 * minute })
    t:expect_nothing()
  end,

  ["an attempt at an unknown name is written down twice"] = function(t)
    t:send({ { kind = "invalid_user", user = "root", src_ip = "203.0.113.9", outcome = "failure" }, failure("root") },
      { times = 19, every = 5 * second })
    t:expect_nothing()
    t:send(failure("root"))
    t:expect { reason = "20 failed logins in 10 minutes from 203.0.113.9, most lately as root" }
  end,

  ["failures that are a kind of their own"] = function(t)
    t:send({ kind = "login_failure", user = "root", src_ip = "203.0.113.9", outcome = "failure" },
      { times = 20, every = 5 * second })
    t:expect { reason = "20 failed logins in 10 minutes from 203.0.113.9, most lately as root" }
  end,
}
