local function device(kind, name) return { kind = kind, user = "ana", device = name } end

return suite "access.device-left-connected" {
  ["forgotten over a long weekend"] = function(t)
    t:send(device("connect", "USB-1"))
    t:wait(3 * day)
    t:expect { severity = "low", reason = "USB-1 was connected and not disconnected within three days" }
  end,

  ["taken out on the next day"] = function(t)
    t:send(device("connect", "USB-1"), { every = 1 * day })
    t:send(device("disconnect", "USB-1"))
    t:wait(10 * day)
    t:expect_nothing()
  end,

  ["what is no removable device"] = function(t)
    t:send(device("connect", "PC-1"))
    t:wait(10 * day)
    t:expect_nothing()
  end,
}
