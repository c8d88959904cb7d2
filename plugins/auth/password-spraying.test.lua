local function failure(number)
  return { kind = "login", user = "user" .. number, src_ip = "203.0.113.9", outcome = "failure" }
end

return suite "auth.password-spraying" {
  ["one try an account, every half hour"] = function(t)
    for number = 1, 12 do t:send(failure(number), { every = 30 * minute }) end
    t:expect { severity = "high", reason = "12 failed logins of 12 users within a day from 203.0.113.9" }
  end,

  ["many tries on two accounts"] = function(t)
    t:send({ failure(1), failure(2) }, { times = 40, every = 5 * minute })
    t:expect_nothing()
  end,

  ["a dozen people who mistype in a dozen days"] = function(t)
    for number = 1, 12 do t:send(failure(number), { every = 1 * day }) end
    t:expect_nothing()
  end,

  ["an office behind one address signs in and off"] = function(t)
    for number = 1, 12 do
      t:send({
        { kind = "login", user = "user" .. number, src_ip = "203.0.113.9", outcome = "success" },
        { kind = "disconnect", user = "user" .. number, src_ip = "203.0.113.9" },
      }, { every = 5 * minute })
    end
    t:send(failure(1))
    t:expect_nothing()
  end,

  ["failures that are a kind of their own"] = function(t)
    for number = 1, 12 do
      t:send({ kind = "login_failure", user = "user" .. number, src_ip = "203.0.113.9", outcome = "failure" },
        { every = 30 * minute })
    end
    t:expect { reason = "12 failed logins of 12 users within a day from 203.0.113.9" }
  end,
}
