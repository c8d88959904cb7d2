return suite "endpoint.log-cleared" {
  ["cleared"] = function(t)
    t:send { kind = "log_cleared", device = "WS5", user = "ana" }
    t:expect { severity = "high", reason = [[ana cleared an event log of WS5]] }
  end,

  ["something else"] = function(t)
    t:send { kind = "process", device = "WS5", user = "ana", process = "a.exe" }
    t:expect_nothing()
  end,
}
