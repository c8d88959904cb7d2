/// What `plugins new` writes: a small plugin that works and its test, to be changed from there.
package enum PluginTemplate {
  package static let kinds = ["rule", "scenario", "mapping"]

  /// Paths below the folder of plugins and their texts; empty for another kind or a name that is not an id.
  package static func files(kind: String, name: String) -> [(path: String, text: String)] {
    guard isIdentifier(name) else { return [] }
    let path = name.replacing(".", with: "/")
    switch kind {
    case "rule":
      return [("\(path).lua", rule(name)), ("\(path).test.lua", ruleTest(name))]
    case "scenario":
      return [("\(path).lua", scenario(name)), ("\(path).test.lua", scenarioTest(name))]
    case "mapping":
      return [("\(path).lua", mapping(name)), ("\(path).test.lua", mappingTest(name))]
    default: return []
    }
  }

  private static func rule(_ name: String) -> String {
    """
    --- Say in one sentence what is suspicious and why.
    return rule {
      id       = "\(name)",
      title    = "Many logins in a short time",
      severity = "medium",

      on       = { kind = "login" },
      per      = "user",
      features = { recent_logins = count { within = 10 * minute } },
      when     = { recent_logins = at_least(10) },

      detect = function(event, f)
        if event.outcome == "failure" then return nil end
        if f.recent_logins >= 100 then
          return { message = "{recent_logins} logins in 10 minutes by {user}", severity = "high" }
        end
        return "{recent_logins} logins in 10 minutes by {user}"
      end,
    }

    """
  }

  private static func ruleTest(_ name: String) -> String {
    """
    return suite "\(name)" {
      ["ten logins in ten minutes"] = function(t)
        t:send({ kind = "login", user = "ana", outcome = "success" }, { times = 10, every = 1 * minute })
        t:expect { severity = "medium", reason = "10 logins in 10 minutes by ana" }
      end,

      ["a quiet day"] = function(t)
        t:send({ kind = "login", user = "ana", outcome = "success" }, { times = 8, every = 1 * hour })
        t:expect_nothing()
      end,
    }

    """
  }

  private static func scenario(_ name: String) -> String {
    """
    --- Say in one sentence what the attacker does.
    return scenario {
      id    = "\(name)",
      title = "A burst of logins",
      onto  = { kind = "login" },
      vary  = { logins = { 12, 40 }, within = { 2 * minute, 10 * minute } },
      label = { type = "anomaly", name = "login_burst", severity = 3 },

      inject = function(victim, draw, emit)
        for i = 0, draw.logins - 1 do
          emit { at = victim.time + i * draw.within / draw.logins, outcome = "success" }
        end
      end,
    }

    """
  }

  private static func scenarioTest(_ name: String) -> String {
    """
    return suite "\(name)" {
      ["every seed plants 12 to 40 logins"] = function(t)
        for seed = 1, 10 do
          local planted = t:plant({ kind = "login", user = "ana", outcome = "success" }, { seed = seed })
          assert(planted >= 12 and planted <= 40, "planted " .. planted)
          t:wait(1 * day)
        end
      end,
    }

    """
  }

  private static func mapping(_ name: String) -> String {
    """
    --- What a finding of this rule means for the business, first row that matches.
    return mapping {
      id   = "\(name)",
      on   = { rule = "\(name)" },
      rows = {
        { id = "\(name)-large", when = { event_count_1h = at_least(100) },
          category = "Security - Access", risk = "high", cost_usd = 500, per = "incident",
          action = "Lock account, notify user", compliance = { "SOC2" }, owner = "security_team" },
        { id = "\(name)-other",
          category = "Security - Access", risk = "low", cost_usd = 0, per = "incident",
          action = "Review", owner = "security_team" },
      },
    }

    """
  }

  private static func mappingTest(_ name: String) -> String {
    """
    return suite "\(name)" {
      ["nothing without a finding"] = function(t)
        t:send { kind = "login", user = "ana", outcome = "success" }
        t:expect_nothing()
      end,
    }

    """
  }
}
