--- A snapshot, an image or a bucket is opened to others.
return rule {
  id       = "cloud.shared-outside",
  title    = "Cloud data was shared outside",
  severity = "high",
  tags     = { "attack.t1537" },

  on      = {
    kind = "api_call", error_code = missing,
    operation = { "ModifySnapshotAttribute", "ModifyImageAttribute", "ModifyDBSnapshotAttribute", "PutBucketPolicy", "PutBucketAcl" },
  },
  per     = "user",
  message = "{user} called {operation}",
}
