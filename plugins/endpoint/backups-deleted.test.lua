return suite "endpoint.backups-deleted" {
  ["vssadmin"] = function(t)
    t:send {
      kind = "process", device = "WS5", process = [[C:\Windows\System32\vssadmin.exe]],
      command = [[vssadmin.exe delete shadows /all /quiet]],
    }
    t:expect { severity = "critical", reason = [[shadow copies were deleted on WS5: vssadmin.exe delete shadows /all /quiet]] }
  end,

  ["listed only"] = function(t)
    t:send {
      kind = "process", device = "WS5", process = [[C:\Windows\System32\vssadmin.exe]],
      command = [[vssadmin.exe list shadows]],
    }
    t:expect_nothing()
  end,

  ["in another case"] = function(t)
    t:send { kind = "process", device = "WS5", process = "vssadmin.exe", command = [[vssadmin.exe Delete Shadows /All /Quiet]] }
    t:expect { severity = "critical" }
  end,
}
