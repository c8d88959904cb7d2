local function login(country, outcome)
  return { kind = "login", user = "ana", country = country, outcome = outcome or "success" }
end

return suite "auth.impossible-travel" {
  ["home, then the other side of the world"] = function(t)
    t:send(login("PT"), { every = 20 * minute })
    t:expect_nothing()
    t:send(login("VN"))
    t:expect { severity = "high", reason = "ana signed in from 2 countries within an hour, most lately from VN" }
  end,

  ["a flight of ten hours"] = function(t)
    t:send(login("PT"), { every = 10 * hour })
    t:send(login("VN"))
    t:expect_nothing()
  end,

  ["somebody abroad who does not get in"] = function(t)
    t:send(login("VN", "failure"), { every = 5 * minute })
    t:send(login("PT"))
    t:expect_nothing()
  end,
}
