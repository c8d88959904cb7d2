return suite "endpoint.remote-service" {
  ["PsExec"] = function(t)
    t:send { kind = "service_installed", device = "WS5", service = "PSEXESVC" }
    t:expect { severity = "high", reason = [[the service PSEXESVC was installed on WS5]] }
  end,

  ["a printer"] = function(t)
    t:send { kind = "service_installed", device = "WS5", service = "Print Spooler" }
    t:expect_nothing()
  end,

  ["in another case"] = function(t)
    t:send { kind = "service_installed", device = "WS5", service = "PSExeSvc" }
    t:expect { severity = "high" }
  end,
}
