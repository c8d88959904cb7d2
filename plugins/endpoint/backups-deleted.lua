--- The shadow copies of a machine are deleted: ransomware begins so.
return rule {
  id       = "endpoint.backups-deleted",
  title    = "Shadow copies were deleted",
  severity = "critical",
  tags     = { "attack.t1490" },

  on      = {
    kind = "process",
    command = {
      matches_any_case "*delete shadows*", matches_any_case "*shadowcopy delete*",
      matches_any_case "*resize shadowstorage*", matches_any_case "*delete catalog*",
    },
  },
  per     = "device",
  message = "shadow copies were deleted on {device}: {command}",
}
