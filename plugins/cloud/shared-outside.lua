--- Who may use a snapshot, an image or a bucket is changed; to whom it was opened, or closed, the log alone does not say.
return rule {
  id       = "cloud.shared-outside",
  title    = "Sharing of cloud data was changed",
  severity = "medium",
  tags     = { "attack.t1537" },

  on      = {
    kind = "api_call", error_code = missing,
    operation = { "ModifySnapshotAttribute", "ModifyImageAttribute", "ModifyDBSnapshotAttribute", "PutBucketPolicy", "PutBucketAcl" },
  },
  per     = "user",
  message = "{user} changed who may use cloud data: {operation}",
}
