import Testing

@testable import Plugins

@Suite("Whether a rule asks the model")
struct AsksModelTests {
  @Test(
    "A condition, a function and a message may ask for the score; a remark asks for nothing",
    arguments: [
      ("when = { score = at_least(0.5) }", true),
      ("detect = function(event, f) return f.score and 'x' or nil end", true),
      ("message = 'scored {score}'", true),
      ("message = 'a score' -- score", false),
      ("when = { rarity = at_least(0.5) }", true),
      ("detect = function(event, f) return f.rarity and 'x' or nil end", true),
      (
        "features = { odd = hour_rarity() }, detect = function(event, f) return f.odd and 'x' end",
        false
      ), ("features = { rarity = hour_rarity() }, when = { rarity = at_least(0.7) }", false),
    ])
  func asks(part: String, expected: Bool) throws {
    let folder = try TemporaryFolder([
      "rule.lua": """
      return rule {
        id = "t.rule", title = "T", severity = "low", on = { kind = "login" },
        \(part)
      }
      """
    ])
    let set = PluginSet.load(folders: [folder.path], vocabulary: .test)
    #expect(set.problems.isEmpty, "\(set.problems)")
    #expect(try #require(set.rules.first).asksModel == expected)
  }
}
