import Cases
package import Host
import Plugins
import Primitives

/// What `plugins list` prints.
package struct PluginListView {
  private let list: PluginList

  package init(list: PluginList) { self.list = list }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("kind", "Kind", importance: 9), .init("id", "Id", importance: 9),
      .init("title", "Title", importance: 3), .init("note", "Note", importance: 2),
      .init("file", "File", importance: 5), .init("state", "State", importance: 4),
      .init("last_error", "Last error", importance: 1),
    ])
    for entry in list.entries {
      listing.append([
        .text(entry.kind), .text(entry.id), .text(entry.title), .text(entry.note),
        .text(entry.file), .text(entry.state),
        entry.lastError.map { .text($0) } ?? .null,
      ])
    }
    screen.print(
      listing.rendered(
        style, name: "plugins", empty: "No plugins are installed.", terminal: screen.output),
      terminator: "")
    for entry in list.entries where style == .text && entry.isSetAside {
      screen.note("\(entry.id) was set aside in the last run: \(safe(entry.lastError ?? ""))")
    }
    if style == .text, let reason = list.refusedReload {
      screen.note("the service did not take up the last change: \(safe(reason))")
    }
    if style == .text && !list.problems.isEmpty {
      screen.note("\(problemCounts(list.problems)): moonwatch plugins check")
    }
  }
}

/// What `plugins top` prints: what each rule cost in the last run.
package struct PluginTopView {
  private let top: PluginTop

  package init(top: PluginTop) { self.top = top }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("id", "Rule", importance: 9), .init("file", "File", importance: 1),
      .init("calls", "Calls", .trailing, importance: 8),
      .init("candidates", "Candidates", .trailing, importance: 6),
      .init("ns_per_call", "ns a call", .trailing, importance: 8),
      .init("seconds", "Seconds", .trailing, importance: 5),
      .init("errors", "Errors", .trailing, importance: 7),
      .init("memory_bytes", "Memory", .trailing, importance: 5),
      .init("state", "State", importance: 7), .init("last_error", "Last error", importance: 2),
      .init("last_fired", "Last fired", importance: 4),
      .init("per_day", "A day", .trailing, importance: 3), .init("alarm", "Alarm", importance: 1),
    ])
    let health = Dictionary(
      top.health.map { ($0.rule, $0) }, uniquingKeysWith: { first, _ in first })
    for rule in top.plugins {
      let known = health[rule.id]
      let alarms = known?.alarms ?? []
      listing.append(
        [
          .text(rule.id), .text(rule.file), .integer(Int64(rule.calls)),
          .integer(Int64(rule.candidates)),
          rule.nanosecondsPerCall.map { .integer(Int64($0)) } ?? .null, .number(rule.seconds),
          .integer(Int64(rule.failures)), .integer(Int64(rule.memory)),
          .text(rule.isSetAside ? "set aside" : "runs"),
          rule.lastFailure.map { .text($0.description) } ?? .null,
          known?.firing.last.map { .text($0.description) } ?? .null,
          known?.firing.perDay.map { .text("\($0.lowerBound) – \($0.upperBound)") } ?? .null,
          alarms.isEmpty ? .null : .text(alarms.joined(separator: "; ")),
        ],
        shown: [
          "memory_bytes": TextTable.Cell(Format.bytes(rule.memory)),
          "last_fired": TextTable.Cell(
            known?.firing.last.map {
              Format.minute($0)
            } ?? Format.missing), "alarm": TextTable.Cell(alarms.isEmpty ? "" : "yes"),
        ])
    }
    screen.print(
      listing.rendered(
        style, name: "plugins",
        empty: "No run has left figures yet: moonwatch detect FILE --source NAME",
        terminal: screen.output), terminator: "")
    for rule in top.health where style == .text {
      for alarm in rule.alarms { screen.print("\(safe(rule.rule)): \(safe(alarm))") }
    }
    if style == .text, let command = top.command, let ended = top.ended {
      screen.note("\(safe(command)) over \(named(top.events, "event")), ended \(safe(ended))")
    }
  }
}

/// What `plugins check` prints: every problem with its place, and how many there are.
package struct PluginCheckView {
  private let check: PluginCheck

  package init(check: PluginCheck) { self.check = check }

  package func print(to screen: Screen, format style: RowStyle) {
    switch style {
    case .text:
      for problem in check.problems { screen.print(safe(line(problem))) }
      let read = "\(named(check.plugins, "plugin")) and \(named(check.suites, "suite")) read"
      let found = check.problems.isEmpty ? "no problems" : problemCounts(check.problems)
      screen.print("\(read), \(found)")
      for gap in check.ungranted { screen.note(safe(gap.description)) }
    case .json:
      let document: JSONValue = [
        "plugins": .integer(Int64(check.plugins)), "suites": .integer(Int64(check.suites)),
        "problems": .list(problemRows(check.problems).objects),
        "ungranted": .list(problemRows(check.ungranted).objects),
      ]
      screen.print(document.serialized(.indented))
    case .csv:
      let rows = problemRows(check.problems)
      screen.print(
        rows.rendered(.csv, name: "problems", empty: "", terminal: screen.output), terminator: "")
    }
  }
}

/// `file:line:column: what (what to do) [code]`, in the manner of compilers.
private func line(_ problem: Diagnostic) -> String {
  var problem = problem
  if let line = problem.line, let column = problem.column {
    problem.line = nil
    problem.file += ":\(line):\(column)"
  }
  return "\(problem.description) [\(problem.code)]"
}

/// What `plugins test` prints: one line a suite, what failed with its place, and how many there are.
package struct PluginTestView {
  private let outcome: PluginTestOutcome

  package init(outcome: PluginTestOutcome) { self.outcome = outcome }

  package func print(to screen: Screen, format style: RowStyle) {
    if style == .text { return printText(to: screen) }
    var listing = Listing([
      .init("suite", "Suite"), .init("case", "Case"), .init("file", "File"), .init("line", "Line"),
      .init("passed", "Passed"), .init("message", "Message"), .init("expected", "Expected"),
      .init("got", "Got"), .init("course", "Course"),
    ])
    for test in outcome.cases {
      listing.append([
        .text(test.suite), .text(test.name), .text(test.file), .integer(Int64(test.line)),
        .flag(test.passed), .text(test.message), test.expected.map(JSONValue.text) ?? .null,
        test.got.map(JSONValue.text) ?? .null,
        style == .json
          ? .list(test.course.map { .text($0) }) : .text(test.course.joined(separator: "; ")),
      ])
    }
    if style == .csv {
      screen.print(
        listing.rendered(.csv, name: "cases", empty: "", terminal: screen.output), terminator: "")
    } else {
      let document: JSONValue = [
        "passed": .flag(outcome.passed), "cases": .list(listing.objects),
        "problems": .list(problemRows(outcome.problems).objects),
      ]
      screen.print(document.serialized(.indented))
    }
  }

  private func printText(to screen: Screen) {
    for problem in outcome.problems { screen.print(safe(problem.description)) }
    var suites: [(name: String, file: String, cases: [SuiteCase])] = []
    for test in outcome.cases {
      if suites.last?.file != test.file || suites.last?.name != test.suite {
        suites.append((test.suite, test.file, []))
      }
      suites[suites.count - 1].cases.append(test)
    }
    for suite in suites {
      let isSound = suite.cases.allSatisfy(\.passed)
      let word = isSound ? screen.paint("ok    ", .green) : screen.paint("failed", .red)
      screen.print("\(word)  \(safe(suite.name))  \(named(suite.cases.count, "case"))")
      for test in suite.cases where !test.passed {
        screen.print("  \(safe(test.file)):\(test.line): \(safe(test.name)): \(safe(test.message))")
        for line in test.course { screen.print("    \(safe(line))") }
      }
    }
    let failed = outcome.cases.count { !$0.passed }
    let passed = outcome.cases.count - failed
    screen.print("\(Format.count(passed)) passed, \(Format.count(failed)) failed")
  }
}

private func problemRows(_ problems: [Diagnostic]) -> Listing {
  var listing = Listing([
    .init("file", "File"), .init("line", "Line"), .init("column", "Column"),
    .init("severity", "Severity"), .init("code", "Code"), .init("message", "Message"),
    .init("suggestion", "What to do"),
  ])
  for problem in problems {
    listing.append([
      .text(problem.file), problem.line.map { .integer(Int64($0)) } ?? .null,
      problem.column.map { .integer(Int64($0)) } ?? .null, .text(problem.severity.rawValue),
      .text(problem.code), .text(problem.sentence),
      problem.advice.map(JSONValue.text) ?? .null,
    ])
  }
  return listing
}

/// `2 errors, 1 warning`; what there is none of is left out.
private func problemCounts(_ problems: [Diagnostic]) -> String {
  let errors = problems.count { $0.severity == .error }
  let warnings = problems.count - errors
  var parts: [String] = []
  if errors > 0 { parts.append(named(errors, "error")) }
  if warnings > 0 { parts.append(named(warnings, "warning")) }
  return parts.joined(separator: ", ")
}
