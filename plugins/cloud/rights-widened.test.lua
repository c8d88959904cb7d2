return suite "cloud.rights-widened" {
  ["a policy is attached"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "AttachUserPolicy" }
    t:expect { severity = "medium", reason = "arn:ana called AttachUserPolicy" }
  end,

  ["a policy is taken away"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "DetachUserPolicy" }
    t:expect_nothing()
  end,
}
