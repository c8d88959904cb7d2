--- A service of a tool for running programs on other machines is installed.
return rule {
  id       = "endpoint.remote-service",
  title    = "Remote execution service installed",
  severity = "high",
  tags     = { "attack.t1569.002" },

  on      = { kind = "service_installed", service = { matches "PSEXE*", matches "*paexec*", matches "*csexec*", matches "*remcom*" } },
  per     = "device",
  message = "the service {service} was installed on {device}",
}
