return suite "endpoint.credential-store-copied" {
  ["ntdsutil"] = function(t)
    t:send {
      kind = "process", device = "WS5", process = [[C:\Windows\System32\ntdsutil.exe]],
      command = [[ntdsutil "ac i ntds" ifm "create full c:/x"]],
    }
    t:expect { severity = "critical", reason = [[ntdsutil "ac i ntds" ifm "create full c:/x" on WS5]] }
  end,

  ["another key is saved"] = function(t)
    t:send {
      kind = "process", device = "WS5", process = [[C:\Windows\System32\reg.exe]],
      command = [[reg save HKCU\Software\Mine mine.hiv]],
    }
    t:expect_nothing()
  end,

  ["in another case"] = function(t)
    t:send { kind = "process", device = "WS5", process = "Reg.exe", command = [[Reg.exe SAVE HKLM\SAM s.hiv]] }
    t:expect { severity = "critical" }
  end,
}
