/// What `plugins new` writes: a small plugin that works and its test, to be changed from there.
package enum PluginTemplate {
  package static let kinds = ["rule", "scenario", "mapping", "escalation", "playbook"]

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
    case "escalation":
      return [("\(path).lua", escalation(name)), ("\(path).test.lua", escalationTest(name))]
    case "playbook":
      return [("\(path).lua", playbook(name)), ("\(path).test.lua", playbookTest(name))]
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
    return {
      -- Only to try the rows with: nobody has this name. Write the id of a rule of yours under 'on', and take this one out.
      rule {
        id       = "\(name)-sample",
        title    = "Many logins within an hour",
        severity = "low",
        on       = { kind = "login", user = "sample-user" },
        per      = "user",
        features = { logins_1h = count { within = 1 * hour } },
        when     = { logins_1h = at_least(10) },
      },
      mapping {
        id   = "\(name)",
        on   = { rule = "\(name)-sample" },
        rows = {
          { id = "\(name)-large", when = { logins_1h = at_least(100) },
            category = "Security - Access", risk = "high", cost_usd = 500, per = "incident",
            action = "Lock account, notify user", compliance = { "SOC2" }, owner = "security_team" },
          { id = "\(name)-other",
            category = "Security - Access", risk = "low", cost_usd = 0, per = "incident",
            action = "Review", owner = "security_team" },
        },
      },
    }

    """
  }

  private static func mappingTest(_ name: String) -> String {
    """
    return suite "\(name)" {
      ["ten logins are looked at"] = function(t)
        t:send({ kind = "login", user = "sample-user", outcome = "success" }, { times = 10, every = 5 * minute })
        t:expect { rule = "\(name)-sample", mapping = "\(name)-other", count = 1 }
      end,

      ["a hundred lock the account"] = function(t)
        t:send({ kind = "login", user = "sample-user", outcome = "success" }, { times = 99, every = 20 * second })
        t:expect { rule = "\(name)-sample", mapping = "\(name)-other", count = 90 }
        t:send { kind = "login", user = "sample-user", outcome = "success" }
        t:expect { rule = "\(name)-sample", mapping = "\(name)-large", count = 1 }
      end,
    }

    """
  }

  private static func escalation(_ name: String) -> String {
    """
    --- Say in one sentence whom this tells and when.
    return escalation {
      id       = "\(name)",
      when     = { severity = "critical", unclaimed = at_least(5 * minute) },
      uses     = { "http" },
      settings = { url = setting.url "Where the message is posted" },
      limit    = { 1, every = 30 * minute, per = { "owner", "entity" } },

      run = function(alert, settings)
        act.http.post {
          url = settings.url, timeout = 5 * second, retries = 3,
          json = { alert = alert.id, summary = alert.title, owner = alert.owner },
        }
      end,
    }

    """
  }

  private static func escalationTest(_ name: String) -> String {
    """
    return suite "\(name)" {
      ["nobody takes a critical alert on"] = function(t)
        t:set { url = "https://example.com/hook" }
        t:alert { severity = "critical", title = "Account takeover", entity = "ana" }
        t:expect_no_act()
        t:wait(5 * minute)
        t:expect_act { "http.post", url = "https://example.com/hook", json = { summary = "Account takeover" } }
      end,

      ["somebody does"] = function(t)
        t:set { url = "https://example.com/hook" }
        t:alert { severity = "critical" }
        t:claim()
        t:wait(1 * hour)
        t:expect_no_act()
      end,
    }

    """
  }

  private static func playbook(_ name: String) -> String {
    """
    --- Say in one sentence what is done and when a person is asked.
    return playbook {
      id    = "\(name)",
      when  = { severity = { "high", "critical" }, entity_field = "user" },
      uses  = { "directory" },
      steps = {
        { "lock sign-in",
          run  = function(alert) act.directory.lock { user = alert.entity } end,
          undo = function(alert) act.directory.unlock { user = alert.entity } end },
        { "was it you?", ask = "Did {entity} sign in just now?",
          choices = { "yes", "no" }, within = 30 * minute, otherwise = "no" },
        { "finish",
          run = function(alert, answers)
            if answers["was it you?"] == "yes" then return act.directory.unlock { user = alert.entity } end
            return act.directory.reset_password { user = alert.entity }
          end },
      },
    }

    """
  }

  private static func playbookTest(_ name: String) -> String {
    """
    return suite "\(name)" {
      ["it was the user"] = function(t)
        t:alert { severity = "high", entity_field = "user", entity = "ana" }
        t:expect_act { "directory.lock", user = "ana" }
        t:expect_question "Did ana sign in just now?"
        t:answer("was it you?", "yes")
        t:expect_acts { "directory.unlock" }
      end,

      ["nobody answers"] = function(t)
        t:alert { severity = "high", entity_field = "user", entity = "ana" }
        t:wait(30 * minute)
        t:expect_acts { "directory.lock", "directory.reset_password" }
      end,

      ["a mild alert"] = function(t)
        t:alert { severity = "low", entity_field = "user", entity = "ana" }
        t:expect_no_act()
      end,
    }

    """
  }
}
