return suite "cloud.login-without-mfa" {
  ["password only"] = function(t)
    t:send { kind = "login", user = "arn:ana", mfa = "No", outcome = "Success", src_ip = "198.51.100.7" }
    t:expect { severity = "medium", reason = "arn:ana signed in from 198.51.100.7 with a password alone" }
  end,

  ["with a second factor, and one who did not get in"] = function(t)
    t:send { kind = "login", user = "arn:ana", mfa = "Yes", outcome = "Success" }
    t:send { kind = "login", user = "arn:ana", mfa = "No", outcome = "Failure" }
    t:expect_nothing()
  end,

  ["with a role, whose directory asks for the second factor"] = function(t)
    t:send { kind = "login", user = "arn:role/dev", mfa = "No", outcome = "Success", user_type = "AssumedRole" }
    t:expect_nothing()
  end,
}
