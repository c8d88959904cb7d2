local function set(target) return { kind = "registry", device = "PC-1", process = "C:\\Windows\\regedit.exe", target = target } end
local function run(command) return { kind = "process", device = "PC-1", process = "C:\\Windows\\System32\\cmd.exe", command = command } end

return {
  suite "endpoint.logging-disabled" {
    ["the key that makes Windows think that it is being installed"] = function(t)
      t:send(set "HKLM\\System\\CurrentControlSet\\Control\\MiniNt\\(Default)")
      t:expect {
        severity = "high",
        reason = "C:\\Windows\\regedit.exe set HKLM\\System\\CurrentControlSet\\Control\\MiniNt\\(Default) on PC-1",
      }
    end,

    ["the event log is not started any more"] = function(t)
      t:send(set "HKLM\\System\\CurrentControlSet\\Services\\EventLog\\Start")
      t:expect { severity = "high" }
    end,

    ["another service"] = function(t)
      t:send(set "HKLM\\System\\CurrentControlSet\\Services\\Spooler\\Start")
      t:expect_nothing()
    end,
  },

  suite "endpoint.audit-policy-changed" {
    ["auditing is switched off"] = function(t)
      t:send(run "auditpol /set /category:\"Account Logon\" /success:disable /failure:disable")
      t:expect { severity = "high" }
    end,

    ["somebody looks at what is audited"] = function(t)
      t:send(run "auditpol /get /category:*")
      t:expect_nothing()
    end,
  },
}
