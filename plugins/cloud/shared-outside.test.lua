return suite "cloud.shared-outside" {
  ["a snapshot"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "ModifySnapshotAttribute" }
    t:expect { severity = "high", reason = "arn:ana called ModifySnapshotAttribute" }
  end,

  ["a snapshot is made"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "CreateSnapshot" }
    t:expect_nothing()
  end,
}
