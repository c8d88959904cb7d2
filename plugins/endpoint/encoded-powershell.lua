--- PowerShell is started with a command in base64, which people do not type.
return rule {
  id       = "endpoint.encoded-powershell",
  title    = "Encoded PowerShell command",
  severity = "high",
  tags     = { "attack.t1059.001" },

  on      = {
    kind = "process", process = { matches_any_case "*powershell.exe", matches_any_case "*pwsh.exe" },
    command = {
      matches_any_case "* -enc *", matches_any_case "* -encodedcommand *", matches_any_case "* -ec *", matches "* -e JAB*", matches "* -E JAB*",
    },
  },
  per     = "device",
  message = "PowerShell ran an encoded command on {device}, started by {parent}",
}
