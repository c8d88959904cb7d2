--- A service of a tool for running programs on other machines is installed.
local remote = {
  matches_any_case "psexe*", matches_any_case "*paexec*", matches_any_case "*csexec*", matches_any_case "*remcom*",
}

return rule {
  id       = "endpoint.remote-service",
  title    = "Remote execution service installed",
  severity = "high",
  tags     = { "attack.t1569.002" },

  on      = { kind = "service_installed", service = remote },
  per     = "device",
  message = "the service {service} was installed on {device}",
}
