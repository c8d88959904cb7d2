local function login(user, address)
  return { kind = "login", user = user, src_ip = address, outcome = "success" }
end

return suite "auth.root-login" {
  ["from an address never seen"] = function(t)
    t:send(login("root", "198.51.100.7"))
    t:expect { severity = "high", reason = "root signed in from 198.51.100.7, from where it never did" }
  end,

  ["again from the same address"] = function(t)
    t:send(login("root", "198.51.100.7"))
    t:expect { count = 1 }
    t:send(login("root", "198.51.100.7"), { times = 5, every = 1 * hour })
    t:expect_nothing()
  end,

  ["somebody else"] = function(t)
    t:send(login("ana", "198.51.100.7"))
    t:expect_nothing()
  end,
}
