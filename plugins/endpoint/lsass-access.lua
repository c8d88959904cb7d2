--- A program reads the memory in which Windows keeps passwords.
return rule {
  id       = "endpoint.lsass-access",
  title    = "Access to the memory of LSASS",
  severity = "critical",
  tags     = { "attack.t1003.001" },

  on      = {
    kind = "process_access", target = matches_any_case "*lsass.exe",
    process = not_ {
      matches_any_case "*MsMpEng.exe", matches_any_case "*svchost.exe", matches_any_case "*wininit.exe", matches_any_case "*csrss.exe",
    },
    access = { "0x1010", "0x1410", "0x1438", matches_any_case "0x143a", matches_any_case "0x1fffff" },
  },
  per     = "device",
  message = "{process} read the memory of LSASS on {device}",
}
