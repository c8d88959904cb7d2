local function device(kind) return { kind = kind, user = "ana", device = "USB-1" } end

return suite "access.device-after-hours" {
  ["four times on a late evening"] = function(t)
    for day = 2, 9 do
      t:send({ kind = "login", user = "ana", device = "PC-1", outcome = "success" },
        { times = 2, every = 3 * hour, at = ("2026-03-%02dT09:00:00Z"):format(day) })
    end
    t:send({ device("connect"), device("disconnect") }, { times = 4, every = 6 * minute, at = "2026-03-10T22:00:00Z" })
    t:expect {
      severity = "high",
      reason = "ana connected a removable device 4 times within four hours around 22 o'clock",
    }
  end,

  ["the same in office hours"] = function(t)
    for day = 2, 9 do
      t:send({ kind = "login", user = "ana", device = "PC-1", outcome = "success" },
        { times = 2, every = 3 * hour, at = ("2026-03-%02dT09:00:00Z"):format(day) })
    end
    t:send({ device("connect"), device("disconnect") }, { times = 4, every = 6 * minute, at = "2026-03-10T10:00:00Z" })
    t:expect_nothing()
  end,

  ["a night shift that always does"] = function(t)
    for day = 2, 9 do
      t:send({ device("connect"), device("disconnect") },
        { times = 4, every = 6 * minute, at = ("2026-03-%02dT22:00:00Z"):format(day) })
    end
    t:expect_nothing()
  end,
}
