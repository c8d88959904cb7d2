local function login(country) return { kind = "login", user = "ana", country = country, outcome = "success" } end

return suite "auth.new-country" {
  ["after twenty days at home"] = function(t)
    t:send(login("PT"), { times = 20, every = 1 * day })
    t:expect_nothing()
    t:send(login("BR"))
    t:expect { severity = "low", reason = "ana signed in from BR for the first time, after 21 logins in 30 days" }
  end,

  ["the same country again"] = function(t)
    t:send({ login("PT"), login("BR") }, { times = 10, every = 1 * day })
    t:expect_nothing()
  end,

  ["somebody new is not judged by habits"] = function(t)
    t:send(login("PT"), { times = 5, every = 1 * day })
    t:send(login("BR"))
    t:expect_nothing()
  end,
}
