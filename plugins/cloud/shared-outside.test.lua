return suite "cloud.shared-outside" {
  ["a snapshot"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "ModifySnapshotAttribute" }
    t:expect {
      severity = "medium", mapping = "cloud-sharing",
      reason = "arn:ana changed who may use cloud data: ModifySnapshotAttribute",
    }
  end,

  ["a snapshot is made"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "CreateSnapshot" }
    t:expect_nothing()
  end,
}
