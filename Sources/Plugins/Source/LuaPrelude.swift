import Response

/// Our own Lua, run before a plugin: the words in which plugins declare things.
///
/// Each word gives a table that says what it is under `@` and what it was given under `body`; Swift reads and checks
/// all of it afterwards. `bridge` holds the host's functions where a runner registered some, and is taken away before
/// any plugin runs. `plugins/meta/moonwatch.lua` documents every word, and a test compares the two.
enum LuaPrelude {
  /// Kinds of plugin that this version loads.
  static let declarations = [
    "rule", "scenario", "mapping", "escalation", "playbook", "suite", "pack",
  ]
  static let tests = [
    "at_least", "at_most", "above", "below", "between", "multiple_of", "in_list", "matches",
    "matches_any_case", "not_",
  ]
  static let constants = ["missing", "present"]

  static let source = """
    local kit = ...
    local bridge_of_host = bridge or {}
    bridge = nil

    local function declared(tag)
      return function(body)
        if type(body) ~= "table" then body = { body } end
        return { ["@"] = tag, body = body }
      end
    end

    for _, tag in ipairs { \(quoted(["rule", "mapping", "escalation", "playbook", "pack"] + FeatureWord.allCases.map(\.rawValue))) } do
      _ENV[tag] = declared(tag)
    end

    local function test(tag)
      return function(...)
        local body = { ... }
        for i = 1, select("#", ...) do
          if body[i] == nil then body[i] = false end
        end
        return { ["@"] = tag, body = body }
      end
    end

    for _, tag in ipairs { \(quoted(tests)) } do _ENV[tag] = test(tag) end

    for _, tag in ipairs { \(quoted(constants)) } do
      -- A table of its own behaviour is not sealed with the base, and is read as the constant behind it.
      local constant = kit.setmetatable({}, {
        __constant = { ["@"] = tag, body = {} },
        __newindex = function() error("'" .. tag .. "' cannot be changed", 2) end,
        __metatable = false,
      })
      _ENV[tag] = constant
    end

    setting = {}
    for _, kind in ipairs { \(quoted(SettingDefinition.Kind.allCases.map(\.rawValue))) } do
      setting[kind] = declared("setting." .. kind)
    end

    \(scenario)

    \(suite)
    """

  private static func quoted(_ words: [String]) -> String {
    words.map { "\"\($0)\"" }.joined(separator: ", ")
  }

  private static let scenario = """
    local function plant(inject, victim, midnight, parameters, past)
      victim.at_hour = function(_, hours, minutes)
        if type(hours) ~= "number" then error("at_hour needs an hour, such as victim:at_hour(3)", 2) end
        return midnight + hours * hour + (minutes or 0) * minute
      end
      kit.setmetatable(victim, {
        __index = function(_, name) return bridge_of_host.missing_field(name) end,
        __metatable = false,
      })
      for _, name in ipairs { \(quoted(DrawWord.allCases.map(\.rawValue))) } do
        parameters[name] = bridge_of_host[name]
      end
      kit.setmetatable(parameters, {
        __index = function(_, name) return bridge_of_host.missing_parameter(name) end,
        __metatable = false,
      })
      inject(victim, parameters, bridge_of_host.emit, past)
    end

    scenario = function(body)
      if type(body) ~= "table" then body = { body } end
      return { ["@"] = "scenario", body = body, run = plant }
    end
    """

  /// What `t` of a suite can do; the host has a function of each name.
  static let bench =
    ["send", "plant", "wait", "expect", "expect_nothing", "score", "rarity"] + ActionCase.words

  private static let suite = """
    local t = {}
    for _, word in ipairs { \(quoted(bench)) } do
      t[word] = function(_, ...) return bridge_of_host[word](...) end
    end

    local function run_case(case)
      local own = {}
      for word, work in pairs(t) do own[word] = work end
      case(kit.setmetatable(own, {
        __index = function(_, name) return bridge_of_host.missing_word(name) end,
        __metatable = false,
      }))
    end

    suite = function(subject)
      return function(body)
        if type(body) ~= "table" then body = { body } end
        return { ["@"] = "suite", subject = subject, body = body, run = run_case }
      end
    end
    """
}
