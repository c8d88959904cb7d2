import Primitives
import Scripting

/// A word of the console: a function of Lua with its help.
struct Verb: Sendable {
  var name: String
  /// How it is written, such as `alerts{severity = "high"}`.
  var form: String
  /// The first sentence stands in the list of all.
  var about: String
  /// Keys of its table of options, for checking and completing.
  var options: [String] = []
  var examples: [String]
  var body: @Sendable (ReplHost, [ScriptValue]) throws -> ScriptValue

  /// In the order of `help`.
  static let all: [Verb] =
    alertVerbs + eventVerbs + whatIfVerbs + countVerbs + measureVerbs + entityVerbs + drawnVerbs
    + momentVerbs
    + ruleVerbs
    + trialVerbs + debugVerbs + decisionVerbs + muteVerbs + otherVerbs

  static func named(_ name: String) -> Verb? { all.first { $0.name == name } }

  static func functions(_ host: ReplHost) -> [HostFunction] {
    let verbs = all.map { verb in
      function(verb.name) { try verb.body(host, $0) }
    }
    let write = HostFunction("__print") { arguments in
      host.print(ValueView.safeLines(arguments.first?.text ?? ""))
      return .nil
    }
    return verbs + TrialFunctions.all(host) + MomentFunctions.all(host) + [write]
  }

  /// The clock of Lua stands while the host works: its time is not the expression's.
  static func function(
    _ name: String, _ body: @escaping ([ScriptValue]) throws -> ScriptValue
  ) -> HostFunction {
    HostFunction(name, waits: true) { arguments in
      do {
        return try body(arguments)
      } catch let failure as Failure {
        throw Complaint(description: failure.description)
      }
    }
  }

  /// A failure in the words that Lua is to carry.
  private struct Complaint: Error, CustomStringConvertible {
    var description: String
  }
}
