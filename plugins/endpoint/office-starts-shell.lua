--- An Office program starts a shell: a document ran code.
return rule {
  id       = "endpoint.office-starts-shell",
  title    = "Office started a shell",
  severity = "high",
  tags     = { "attack.t1204.002" },

  on      = {
    kind = "process",
    parent = {
      matches "*WINWORD.EXE", matches "*winword.exe", matches "*EXCEL.EXE", matches "*excel.exe", matches "*OUTLOOK.EXE",
      matches "*POWERPNT.EXE",
    },
    process = { matches "*cmd.exe", matches "*powershell.exe", matches "*wscript.exe", matches "*cscript.exe", matches "*mshta.exe" },
  },
  per     = "device",
  message = "{parent} started {process} on {device}",
}
