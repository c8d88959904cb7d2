return suite "cloud.logging-stopped" {
  ["the trail is deleted"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "DeleteTrail" }
    t:expect { severity = "critical", reason = "arn:ana called DeleteTrail" }
  end,

  ["somebody looks at it, or may not delete it"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "DescribeTrails" }
    t:send { kind = "api_call", user = "arn:ana", operation = "DeleteTrail", error_code = "AccessDenied" }
    t:expect_nothing()
  end,
}
