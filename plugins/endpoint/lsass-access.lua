--- A program reads the memory in which Windows keeps passwords.
return rule {
  id       = "endpoint.lsass-access",
  title    = "Access to the memory of LSASS",
  severity = "critical",
  tags     = { "attack.t1003.001" },

  on      = {
    kind = "process_access", target = { matches "*lsass.exe", matches "*LSASS.EXE" },
    process = not_ { matches "*MsMpEng.exe", matches "*svchost.exe", matches "*wininit.exe", matches "*csrss.exe" },
    access = { "0x1010", "0x1410", "0x1438", "0x143a", "0x1fffff", "0x1FFFFF" },
  },
  per     = "device",
  message = "{process} read the memory of LSASS on {device}",
}
