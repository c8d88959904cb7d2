local function login(machine) return { kind = "login", user = "ana", device = "PC-" .. machine, outcome = "success" } end

return suite "auth.many-devices" {
  ["eight machines in half an hour"] = function(t)
    for machine = 1, 8 do t:send(login(machine), { every = 4 * minute }) end
    t:expect { severity = "high", reason = "ana signed in to 8 machines within an hour" }
  end,

  ["an administrator"] = function(t)
    for machine = 1, 60 do t:send(login(machine), { every = 1 * hour }) end
    for machine = 1, 8 do t:send(login(machine), { every = 4 * minute }) end
    t:expect_nothing()
  end,

  ["two machines at a desk"] = function(t)
    t:send({ login(1), login(2) }, { times = 10, every = 3 * minute })
    t:expect_nothing()
  end,
}
