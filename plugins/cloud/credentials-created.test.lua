return suite "cloud.credentials-created" {
  ["an access key"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "CreateAccessKey", src_ip = "198.51.100.7" }
    t:expect { severity = "medium", reason = "arn:ana called CreateAccessKey from 198.51.100.7" }
  end,

  ["listed only"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "ListAccessKeys" }
    t:expect_nothing()
  end,
}
