local function try(outcome, address)
  return { kind = "login", user = "root", src_ip = address, outcome = outcome }
end

return suite "auth.success-after-failures" {
  ["a guessed password"] = function(t)
    t:send(try("failure", "203.0.113.9"), { times = 12, every = 20 * second })
    t:expect_nothing()
    t:send(try("success", "203.0.113.9"))
    t:expect {
      severity = "critical",
      reason = "root signed in from 203.0.113.9 after 12 failures from there within an hour",
    }
  end,

  ["the owner signs in from elsewhere while others guess"] = function(t)
    t:send(try("failure", "203.0.113.9"), { times = 12, every = 20 * second })
    t:send(try("success", "198.51.100.7"))
    t:expect_nothing()
  end,

  ["three typing errors"] = function(t)
    t:send(try("failure", "198.51.100.7"), { times = 3, every = 20 * second })
    t:send(try("success", "198.51.100.7"))
    t:expect_nothing()
  end,

  ["failures of yesterday are forgotten"] = function(t)
    t:send(try("failure", "203.0.113.9"), { times = 12, every = 20 * second })
    t:wait(24 * hour)
    t:send(try("success", "203.0.113.9"))
    t:expect_nothing()
  end,

  ["a source that knows no addresses"] = function(t)
    t:send({ kind = "login", user = "ana", outcome = "failure" }, { times = 10 })
    t:send({ kind = "login", user = "ana", outcome = "success" })
    t:expect { reason = "ana signed in after 10 failures within an hour" }
  end,

  ["an attempt at an unknown name is written down twice"] = function(t)
    t:send({
      { kind = "invalid_user", user = "root", src_ip = "203.0.113.9", outcome = "failure" },
      try("failure", "203.0.113.9"),
    }, { times = 9, every = 20 * second })
    t:send(try("success", "203.0.113.9"))
    t:expect_nothing()
  end,

  ["failures that are a kind of their own"] = function(t)
    t:send({ kind = "login_failure", user = "root", src_ip = "203.0.113.9", outcome = "failure" },
      { times = 12, every = 20 * second })
    t:send(try("success", "203.0.113.9"))
    t:expect { reason = "root signed in from 203.0.113.9 after 12 failures from there within an hour" }
  end,
}
