local function takeover(t) t:alert { rule = "auth.login-burst", severity = "high", entity_field = "user", entity = "ana" } end

return suite "contain-account" {
  ["it was ana"] = function(t)
    takeover(t)
    t:expect_acts { "directory.lock", "directory.sign_out" }
    t:expect_question "Did ana sign in just now?"
    t:answer("was it you?", "yes")
    t:expect_acts { "directory.unlock" }
  end,

  ["nobody answers: the password is reset"] = function(t)
    takeover(t)
    t:wait(31 * minute)
    t:expect_acts { "directory.lock", "directory.sign_out", "directory.reset_password" }
  end,

  ["the directory is down: what was locked is unlocked"] = function(t)
    t:fail("directory.sign_out", "timeout")
    takeover(t)
    t:expect_acts { "directory.lock", "directory.sign_out", "directory.unlock" }
  end,

  ["a mild alert"] = function(t)
    t:alert { rule = "auth.login-burst", severity = "low", entity_field = "user", entity = "ana" }
    t:expect_no_act()
  end,
}
