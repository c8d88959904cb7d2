return suite "endpoint.encoded-powershell" {
  ["encoded"] = function(t)
    t:send {
      kind = "process", device = "WS5", process = [[C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe]],
      command = [[powershell.exe -nop -enc SQBFAFgA]],
      parent = [[C:\Windows\System32\cmd.exe]],
    }
    t:expect { severity = "high", reason = [[PowerShell ran an encoded command on WS5, started by C:\Windows\System32\cmd.exe]] }
  end,

  ["a script"] = function(t)
    t:send {
      kind = "process", device = "WS5", process = [[C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe]],
      command = [[powershell.exe -File C:\backup.ps1]],
    }
    t:expect_nothing()
  end,

  ["in another case"] = function(t)
    t:send { kind = "process", device = "WS5", process = [[C:\Windows\PowerShell.EXE]], command = [[PowerShell -NoP -ENC SQBFAFgA]] }
    t:expect { severity = "high" }
  end,
}
