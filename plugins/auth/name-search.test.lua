local function ask(name) return { kind = "invalid_user", user = name, src_ip = "203.0.113.9", outcome = "failure" } end

return suite "auth.name-search" {
  ["ten names in ten minutes"] = function(t)
    for number = 1, 10 do t:send(ask("name" .. number), { every = 1 * minute }) end
    t:expect {
      severity = "medium",
      reason = "203.0.113.9 asked for 10 names that do not exist within an hour, 10 times in all",
    }
  end,

  ["one wrong name again and again"] = function(t)
    t:send(ask("anna"), { times = 50, every = 30 * second })
    t:expect_nothing()
  end,
}
