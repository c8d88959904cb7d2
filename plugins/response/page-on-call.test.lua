return suite "page-on-call" {
  ["a critical alert that nobody claims"] = function(t)
    t:set { url = "https://pager.example/v2", key = "k" }
    t:alert { severity = "critical", title = "Account takeover", owner = "security_team", entity = "ana" }
    t:wait(4 * minute)
    t:expect_no_act()
    t:wait(1 * minute)
    t:expect_act { "http.post", url = "https://pager.example/v2", json = { summary = "Account takeover" } }
  end,

  ["one page for the same owner and entity in half an hour"] = function(t)
    t:set { url = "https://pager.example/v2", key = "k" }
    t:alert { severity = "critical", owner = "security_team", entity = "ana" }
    t:alert { severity = "critical", owner = "security_team", entity = "ana" }
    t:alert { severity = "critical", owner = "security_team", entity = "bob" }
    t:wait(10 * minute)
    t:expect_acts { "http.post", "http.post" }
  end,

  ["somebody is on it, and what is not critical"] = function(t)
    t:set { url = "https://pager.example/v2", key = "k" }
    t:alert { severity = "critical" }
    t:claim()
    t:alert { severity = "high" }
    t:wait(1 * day)
    t:expect_no_act()
  end,
}
