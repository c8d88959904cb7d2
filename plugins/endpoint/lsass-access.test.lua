return suite "endpoint.lsass-access" {
  ["a dumper"] = function(t)
    t:send { kind = "process_access", device = "WS5", process = [[dump.exe]], target = [[lsass.exe]], access = "0x1410" }
    t:expect { severity = "critical", reason = [[dump.exe read the memory of LSASS on WS5]] }
  end,

  ["the virus scanner, and a harmless right"] = function(t)
    t:send { kind = "process_access", device = "WS5", process = [[MsMpEng.exe]], target = [[lsass.exe]], access = "0x1410" }
    t:send { kind = "process_access", device = "WS5", process = [[a.exe]], target = [[lsass.exe]], access = "0x1000" }
    t:expect_nothing()
  end,

  ["in another case"] = function(t)
    t:send { kind = "process_access", device = "WS5", process = "dump.exe", target = "Lsass.exe", access = "0x1FFFFF" }
    t:expect { severity = "critical" }
    t:send { kind = "process_access", device = "WS5", process = "MSMPENG.EXE", target = "Lsass.exe", access = "0x1FFFFF" }
    t:expect_nothing()
  end,
}
