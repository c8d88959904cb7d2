-- A payment in person 5,500 km from home, which a rule finds each time; a day apart each raises an alert of its own.
local function far(t, day, more)
  local event = { kind = "transaction", card = "C1", amount = 60, latitude = 48.1, longitude = 11.6,
    merchant_latitude = 40.7, merchant_longitude = -74.0 }
  for name, value in pairs(more or {}) do event[name] = value end
  t:send(event, { at = ("2026-03-%02dT12:00:00Z"):format(day) })
end

return suite "payment-response" {
  ["a score of 0.9 is critical and blocks at once"] = function(t)
    t:score(0.9)
    far(t, 3)
    t:expect { alert_severity = "critical", response = "immediate_block", alerts = 1 }
  end,

  ["0.82 and nothing before: a person looks, and it is no worse than the rule says"] = function(t)
    t:score(0.82)
    far(t, 3)
    t:expect { alert_severity = "medium", response = "manual_review" }
  end,

  ["the fourth alert in a week is a repeat offender's"] = function(t)
    t:score(0.5)
    for day = 3, 5 do far(t, day) end
    t:expect { response = "notify_team", count = 3 }
    t:score(0.72)
    far(t, 6)
    t:expect { response = "immediate_block" }
  end,

  ["a repeat offender with a low score goes to those above"] = function(t)
    t:score(0.2)
    for day = 3, 6 do far(t, day) end
    t:expect { response = "log_only", count = 3 }
    t:expect { response = "escalate", count = 1 }
  end,

  ["a week later nobody is a repeat offender any more"] = function(t)
    t:score(0.2)
    for day = 3, 5 do far(t, day) end
    far(t, 20)
    t:expect { response = "log_only", count = 4 }
  end,

  ["what a rule calls critical is looked at, though the model would let it pass"] = function(t)
    t:score(0.05)
    local event = { kind = "transaction", card = "C9", amount = 40 }
    t:send(event, { at = "2026-03-03T12:00:00Z", times = 10, every = 1 * day })
    event.amount = 5000
    t:send(event, { at = "2026-03-20T12:00:00Z" })
    t:expect { rule = "fraud.high-value", alert_severity = "critical", response = "manual_review" }
  end,

  ["a score half above those before is getting worse"] = function(t)
    t:score(0.35)
    far(t, 3)
    t:expect { response = "notify_team" }
    t:score(0.65)
    far(t, 4)
    t:expect { response = "auto_investigate" }
  end,

  ["large and five payments in as many minutes: high from 0.5 on"] = function(t)
    t:score(0.55)
    for second = 1, 5 do
      t:send({ kind = "transaction", card = "C1", amount = 20 }, { at = ("2026-03-03T11:59:%02dZ"):format(second * 10) })
    end
    far(t, 3, { amount = 1500 })
    t:expect { rule = "fraud.far-away", alert_severity = "high", response = "notify_team" }
  end,
}
