local function device(kind, name) return { kind = kind, user = "ana", device = name } end

return suite "access.device-left-connected" {
  ["forgotten over a long weekend"] = function(t)
    t:send(device("connect", "USB-1"))
    t:wait(3 * day)
    t:expect {
      severity = "low", mapping = "forgotten-device",
      reason = "a removable device was connected and not disconnected within three days: USB-1",
    }
  end,

  ["taken out on the next day"] = function(t)
    t:send(device("connect", "USB-1"), { every = 1 * day })
    t:send(device("disconnect", "USB-1"))
    t:wait(10 * day)
    t:expect_nothing()
  end,

  ["a source that names the machine"] = function(t)
    t:send(device("connect", "PC-1"))
    t:wait(3 * day)
    t:expect { reason = "a removable device was connected and not disconnected within three days: PC-1" }
  end,

  ["a connection of the network, which has no user"] = function(t)
    t:send { kind = "connect", device = "server-1", src_ip = "203.0.113.9" }
    t:wait(10 * day)
    t:expect_nothing()
  end,
}
