import Cases
import Console
import Host
import Primitives
import Scripting

extension Verb {
  static let whatIfVerbs: [Verb] = [
    Verb(
      name: "whatif", form: "whatif(event, {amount = 10})",
      about: """
        Judges a kept event again with other values of its fields, the windows being those of then; false makes a field \
        missing. With options alone it decides the last days again: with another threshold of the model, without a rule \
        (or several), or as if a source's events had never come (drop), and says what it changes in alerts, in planted \
        attacks that are caught, and in money.
        """, options: estateOptions,
      examples: [
        "whatif(\"7f3a91c0\", {amount = 10})", "whatif(alerts{}[1], {kind = \"logoff\"})",
        "whatif{threshold = 0.8, days = 7}", "whatif{without = \"auth.off-hours\"}",
        "whatif{drop = \"cert-logon\", last = 3 * day}",
      ]
    ) { host, arguments in
      if arguments.count == 1, let table = arguments[0].table, table["id"].isNil {
        return try estate(arguments[0], host)
      }
      let id = try eventID(arguments.first, "whatif", host)
      guard arguments.count > 1, let fields = arguments[1].table, !fields.members.isEmpty else {
        throw Failure(
          .usage, "whatif needs other values of the event's fields",
          advice: "such as whatif(event, {amount = 10})")
      }
      let values = try fields.members.map { (name, value) throws(Failure) in
        (name: name, value: try fieldText(value, of: name))
      }
      let answer = try host.control.whatIf(event: id, fields: values, progress: host.progress)
      return try drawn(host) { WhatIfView(answer: answer).print(to: $0, isJSON: $1 == .json) }
    }
  ]

  private static let estateOptions = [
    "threshold", "without", "drop", "days", "last", "since", "labels",
  ]

  private static func estate(
    _ argument: ScriptValue, _ host: ReplHost
  ) throws(Failure) -> ScriptValue {
    let options = try VerbOptions(argument, of: "whatif", known: estateOptions)
    var change = EstateChange()
    change.threshold = try options.number("threshold")
    change.without = try options.texts("without")
    change.drop = try options.texts("drop")
    change.labels = try options.text("labels")
    change.since = try options.start(host.now) ?? change.since
    let report = try host.control.whatIf(change, progress: host.progress)
    return try drawn(host) { EstateView(report: report).print(to: $0, isJSON: $1 == .json) }
  }

  /// A value as the command line takes it: empty for a missing one.
  private static func fieldText(
    _ value: ScriptValue, of name: String
  ) throws(Failure) -> String {
    switch value {
    case .text(let text): return text
    case .integer(let n): return "\(n)"
    case .number(let x): return "\(x)"
    case .flag(true): return "true"
    case .flag(false): return ""
    default:
      throw Failure(
        .usage, "the field '\(AlertCard.shown(name))' cannot be \(value.kind)",
        advice: "give a text, a number, true, or false for a missing one")
    }
  }
}
