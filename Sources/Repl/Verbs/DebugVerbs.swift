import Cases
import Console
import Host
import Primitives
import Scripting

/// How a rule meets an event, line by line.
extension Verb {
  static let debugVerbs: [Verb] = [
    Verb(
      name: "trace", form: "trace(\"auth.off-hours\", event)",
      about: """
        Judges a kept event again by one rule: each condition with the value that it saw, the windows, then each line of \
        the rule's function that ran, with what its variables held.
        """,
      examples: [
        "trace(\"fraud.high-value\", alerts{rule = \"fraud.high-value\"}[1])",
        "trace(\"auth.off-hours\", \"7f3a91c0\").lines",
      ]
    ) { host, arguments in
      let (rule, event) = try ruleAndEvent(arguments, "trace", host)
      let walk = try host.control.walk(rule: rule, event: event, progress: host.progress)
      return try drawn(host) { WalkView(walk: walk).print(to: $0, isJSON: $1 == .json) }
    },
    Verb(
      name: "breakpoint", form: "breakpoint(\"auth.off-hours\", 23)",
      about: """
        Marks a line of a rule's file, at which replay looks at what the variables hold; with false it is taken away. \
        breakpoint() lists them.
        """,
      examples: [
        "breakpoint(\"auth.off-hours\", 23)", "breakpoint(\"auth.off-hours\", 23, false)",
        "breakpoint()",
      ]
    ) { host, arguments in
      guard let first = arguments.first, !first.isNil else { return breakpoints(host) }
      guard let id = first.text ?? first.table?["rule"].text, arguments.count > 1,
        let line = arguments[1].integer
      else {
        throw Failure(
          .usage, "breakpoint needs a rule and a line",
          advice: "such as breakpoint(\"auth.off-hours\", 23)")
      }
      let lines = try host.control.source(ofRule: id).lines
      guard (1...max(1, lines.count)).contains(Int(line)) else {
        throw Failure(
          .usage, "the rule's file has \(lines.count) lines, and not \(line)",
          advice: "source(\"\(id)\") shows them")
      }
      let isTakenAway = arguments.count > 2 && arguments[2].flag == false
      if !isTakenAway && !runs(lines[Int(line) - 1]) {
        throw Failure(
          .usage, "no code of the rule's function stands on line \(line)",
          advice: "source(\"\(id)\") shows the lines")
      }
      if isTakenAway {
        host.breakpoints[id]?.remove(Int(line))
      } else {
        host.breakpoints[id, default: []].insert(Int(line))
      }
      return breakpoints(host)
    },
    Verb(
      name: "replay", form: "replay(\"auth.off-hours\", event)",
      about: """
        Judges a kept event again by a rule as its file stands now, and shows what the variables and windows held at each \
        of its breakpoints. Edit the file and replay again. The stops stand under .lines.
        """,
      examples: [
        "replay(\"auth.off-hours\", alerts{rule = \"auth.off-hours\"}[1])",
        "replay(\"auth.off-hours\", \"7f3a91c0\").lines[1].locals",
      ]
    ) { host, arguments in
      let (rule, event) = try ruleAndEvent(arguments, "replay", host)
      guard let lines = host.breakpoints[rule], !lines.isEmpty else {
        throw Failure(
          .usage, "the rule '\(AlertCard.shown(rule))' has no breakpoint",
          advice: "set one, such as breakpoint(\"\(AlertCard.shown(rule))\", 10)")
      }
      let walk = try host.control.walk(
        rule: rule, event: event, lines: lines, progress: host.progress)
      return try drawn(host) {
        WalkView(walk: walk, marksStops: true).print(to: $0, isJSON: $1 == .json)
      }
    },
    Verb(
      name: "source", form: "source(\"auth.off-hours\")",
      about:
        "The file of an installed rule, with the numbers of its lines; breakpoints are marked.",
      examples: ["source(\"auth.off-hours\")"]
    ) { host, arguments in
      guard let id = arguments.first?.text ?? arguments.first?.table?["rule"].text else {
        throw Failure(.usage, "source needs a rule", advice: "such as source(\"auth.off-hours\")")
      }
      let (file, lines) = try host.control.source(ofRule: id)
      let marked = host.breakpoints[id] ?? []
      let size = String(lines.count).count
      let text = lines.enumerated().map { index, line in
        let number = "\(index + 1)"
        return "\(marked.contains(index + 1) ? "●" : " ") "
          + String(repeating: " ", count: size - number.count) + "\(number)  \(line)\n"
      }.joined()
      return .table(
        ScriptTable(named: [
          (ReplPrelude.tag, .text("text")), ("file", .text(file)), ("text", .text(text)),
        ]))
    },
  ]

  /// Whether a line may run when the rule judges: it is not empty, no comment, and not where the rule begins or ends.
  private static func runs(_ line: some StringProtocol) -> Bool {
    let text = String(line.filter { $0 != " " && $0 != "\t" && $0 != "\r" })
    return !text.isEmpty && !text.hasPrefix("--") && !text.hasPrefix("returnrule{")
      && !["}", "})", "{", "},"].contains(text)
  }

  private static func breakpoints(_ host: ReplHost) -> ScriptValue {
    rows(
      ["rule", "line"],
      host.breakpoints.sorted { $0.key < $1.key }.flatMap { rule, lines in
        lines.sorted().map { [.text(rule), .integer(Int64($0))] }
      })
  }
}
