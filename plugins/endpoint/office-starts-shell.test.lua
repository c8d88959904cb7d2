return suite "endpoint.office-starts-shell" {
  ["Word and a shell"] = function(t)
    t:send {
      kind = "process", device = "WS5", process = [[C:\Windows\System32\cmd.exe]],
      command = [[cmd.exe /c x]],
      parent = [[C:\Office\WINWORD.EXE]],
    }
    t:expect { severity = "high", reason = [[C:\Office\WINWORD.EXE started C:\Windows\System32\cmd.exe on WS5]] }
  end,

  ["the desktop starts a shell"] = function(t)
    t:send {
      kind = "process", device = "WS5", process = [[C:\Windows\System32\cmd.exe]],
      command = [[cmd.exe]],
      parent = [[C:\Windows\explorer.exe]],
    }
    t:expect_nothing()
  end,

  ["in another case"] = function(t)
    t:send { kind = "process", device = "WS5", process = "CMD.EXE", parent = [[C:\Office\outlook.exe]] }
    t:expect { severity = "high" }
  end,
}
