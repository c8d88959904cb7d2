--- PowerShell is started with a command in base64, which people do not type.
return rule {
  id       = "endpoint.encoded-powershell",
  title    = "Encoded PowerShell command",
  severity = "high",
  tags     = { "attack.t1059.001" },

  on      = {
    kind = "process", process = { matches "*powershell.exe", matches "*pwsh.exe" },
    command = { matches "* -enc *", matches "* -EncodedCommand *", matches "* -e JAB*", matches "* -Enc *", matches "* -ec *" },
  },
  per     = "device",
  message = "PowerShell ran an encoded command on {device}, started by {parent}",
}
