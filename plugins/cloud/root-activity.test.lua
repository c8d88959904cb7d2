return suite "cloud.root-activity" {
  ["root makes a key"] = function(t)
    t:send { kind = "api_call", user = "arn:aws:iam::1:root", operation = "CreateAccessKey", src_ip = "198.51.100.7" }
    t:expect { severity = "high", reason = "arn:aws:iam::1:root called CreateAccessKey from 198.51.100.7" }
  end,

  ["somebody else, and root who only looks"] = function(t)
    t:send { kind = "api_call", user = "arn:aws:iam::1:user/ana", operation = "CreateUser" }
    t:send { kind = "api_call", user = "arn:aws:iam::1:root", operation = "ListUsers", read_only = true }
    t:expect_nothing()
  end,
}
