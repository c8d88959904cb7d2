--- The shadow copies of a machine are deleted: ransomware begins so.
return rule {
  id       = "endpoint.backups-deleted",
  title    = "Shadow copies were deleted",
  severity = "critical",
  tags     = { "attack.t1490" },

  on      = {
    kind = "process",
    command = {
      matches "*delete shadows*", matches "*shadowcopy delete*", matches "*resize shadowstorage*", matches "*delete catalog*",
    },
  },
  per     = "device",
  message = "shadow copies were deleted on {device}: {command}",
}
