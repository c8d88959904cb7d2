--- An Office program starts a shell: a document ran code.
return rule {
  id       = "endpoint.office-starts-shell",
  title    = "Office started a shell",
  severity = "high",
  tags     = { "attack.t1204.002" },

  on      = {
    kind = "process",
    parent = {
      matches_any_case "*winword.exe", matches_any_case "*excel.exe", matches_any_case "*outlook.exe",
      matches_any_case "*powerpnt.exe",
    },
    process = {
      matches_any_case "*cmd.exe", matches_any_case "*powershell.exe", matches_any_case "*wscript.exe",
      matches_any_case "*cscript.exe", matches_any_case "*mshta.exe",
    },
  },
  per     = "device",
  message = "{parent} started {process} on {device}",
}
