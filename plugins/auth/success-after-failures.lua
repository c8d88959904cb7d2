--- A sign-in that works after many that did not, from the same address: a guessed password.
-- An attempt at an unknown name is also written down as invalid_user, and counts once.
local failed = { kind = { "login", "login_failure" }, outcome = "failure" }

return rule {
  id       = "auth.success-after-failures",
  title    = "Successful login after many failures",
  severity = "critical",
  tags     = { "attack.t1110.001" },

  on = { kind = "login", outcome = "success" },
  features = {
    from_address = count { within = 1 * hour, where = failed, per = "src_ip" },
    of_user      = count { within = 1 * hour, where = failed, per = "user" },
  },

  detect = function(event, f)
    -- Names like root are tried by everybody all the time, so the address decides where there is one.
    if event.src_ip then
      if (f.from_address or 0) < 10 then return nil end
      return "{user} signed in from {src_ip} after {from_address} failures from there within an hour"
    end
    if (f.of_user or 0) < 10 then return nil end
    return "{user} signed in after {of_user} failures within an hour"
  end,
}
