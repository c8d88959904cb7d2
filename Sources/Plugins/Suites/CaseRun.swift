import Detection
import Primitives
import Scripting

/// One case of a suite while it runs: a virtual clock, the bench, and what was found since the last expectation.
///
/// A class because the functions of the Lua state and the runner look at the same case.
final class CaseRun {
  static let start = Timestamp(seconds: 1_772_442_000)  // 2026-03-02T09:00:00Z, a Monday
  private static let mostEvents = 100_000
  /// The first of these that an event has is its entity, as the shipped sources have it.
  private static let entityFields = [
    "user", "card", "account", "terminal", "device", "series", "src_ip", "merchant",
  ]

  private let suite: Suite
  private let set: PluginSet
  private let vocabulary: Vocabulary
  private let isRuleSuite: Bool
  private var bench: (any SuiteBench)?
  private var clock = CaseRun.start
  private var sent = 0
  private var findings: [SuiteFinding] = []
  private var isJudged = false
  private var actions: ActionCase?
  private(set) var expectations = 0
  /// The expectation that the case failed with; missing where it failed otherwise.
  private(set) var unmet: Unmet?
  /// How the rule under test saw the last events.
  var course: [String] { bench?.course ?? [] }

  init(suite: Suite, set: PluginSet, vocabulary: Vocabulary) {
    self.suite = suite
    self.set = set
    self.vocabulary = vocabulary
    isRuleSuite = set.rules.contains { $0.id == suite.subject }
  }

  func begin(_ bench: any SuiteBench) {
    var bench = bench
    if isRuleSuite { bench.watch(rule: suite.subject) }
    self.bench = bench
    clock = CaseRun.start
    sent = 0
    findings = []
    isJudged = false
    actions = ActionCase(subject: suite.subject, set: set)
    expectations = 0
    unmet = nil
  }

  var functions: [HostFunction] {
    [
      HostFunction("bridge.send", waits: true) { [unowned self] in try send($0) },
      HostFunction("bridge.plant", waits: true) { [unowned self] in try plant($0) },
      HostFunction("bridge.wait", waits: true) { [unowned self] in try wait($0) },
      HostFunction("bridge.expect") { [unowned self] given in try noting { try expect(given) } },
      HostFunction("bridge.expect_nothing") { [unowned self] _ in
        try noting { try expectNothing() }
      },
      HostFunction("bridge.score") { [unowned self] in
        try tell($0, "score", ModelScore.init(probability:))
      },
      HostFunction("bridge.rarity") { [unowned self] in
        try tell($0, "rarity", ModelScore.init(rarity:))
      },
      HostFunction("bridge.missing_word") { arguments in
        let name = arguments.first?.text ?? ""
        throw Refusal(FactReader.unknown(name, of: "t", among: LuaPrelude.bench))
      },
    ]
      + ActionCase.words.map { word in
        HostFunction("bridge.\(word)", waits: true) { [unowned self] given in
          try noting { try act(word, given) }
        }
      }
  }

  /// Lua turns an error into its text; what it was is kept here.
  private func noting(_ step: () throws -> ScriptValue) throws -> ScriptValue {
    do {
      return try step()
    } catch {
      unmet = error as? Unmet
      throw error
    }
  }

  /// The words of escalations and playbooks.
  private func act(_ word: String, _ arguments: [ScriptValue]) throws -> ScriptValue {
    guard let actions else {
      throw Refusal("t:\(word) works in the suite of an escalation or a playbook")
    }
    if word.hasPrefix("expect") { expectations += 1 }
    switch word {
    case "set": try actions.set(arguments)
    case "alert": try actions.alert(arguments, at: clock)
    case "claim": actions.claim(arguments)
    case "answer": try actions.answer(arguments, at: clock)
    case "fail": try actions.fail(arguments)
    case "expect_act": try actions.expectAct(arguments)
    case "expect_acts": try actions.expectActs(arguments)
    case "expect_no_act": try actions.expectNoAct()
    default: try actions.expectQuestion(arguments)
    }
    return .nil
  }

  /// What the model says of every event from here on.
  private func tell(
    _ arguments: [ScriptValue], _ word: String, _ score: (Double) -> ModelScore
  ) throws -> ScriptValue {
    guard let x = arguments.first?.number, (0...1).contains(x) else {
      throw Refusal("t:\(word) needs a \(word) from 0 to 1")
    }
    bench?.tell(score: score(x))
    return .nil
  }

  // MARK: sending

  private func send(_ arguments: [ScriptValue]) throws -> ScriptValue {
    guard let table = arguments.first?.table, Declared.word(arguments[0]) == nil else {
      throw Refusal("t:send needs an event such as { kind = \"login\", user = \"ana\" }")
    }
    let options = try options(arguments, ["times", "every", "at"])
    var times = 1
    if !options["times"].isNil {
      guard let count = options["times"].integer, (1...Int64(CaseRun.mostEvents)).contains(count)
      else { throw Refusal("'times' must be a whole number from 1 to \(CaseRun.mostEvents)") }
      times = Int(count)
    }
    let every = try step(options["every"])
    if !options["at"].isNil { try move(to: options["at"]) }
    let events = table.list.isEmpty ? [table] : try table.list.map(event)
    var records: [EventRecord] = []
    guard times * events.count <= CaseRun.mostEvents - sent else {
      throw Refusal("more than \(CaseRun.mostEvents) events in one case")
    }
    for _ in 0..<times {
      for event in events {
        records.append(try record(event))
        clock = clock + every
      }
    }
    try pass(records)
    return .nil
  }

  private func event(_ value: ScriptValue) throws -> ScriptTable {
    guard let table = value.table, Declared.word(value) == nil else {
      throw Refusal("t:send needs a list of events, and one is \(described(value))")
    }
    return table
  }

  private func options(_ arguments: [ScriptValue], _ known: [String]) throws -> ScriptTable {
    guard arguments.count > 1, !arguments[1].isNil else { return ScriptTable() }
    guard let table = arguments[1].table else {
      throw Refusal("the options must be a table, not \(described(arguments[1]))")
    }
    for (name, _) in table.named where !known.contains(name) {
      throw Refusal("unknown option \(quoted(name))\(didYouMean(name, among: known))")
    }
    return table
  }

  private func step(_ value: ScriptValue) throws -> TimeSpan {
    if value.isNil { return .seconds(1) }
    guard let span = value.duration, span >= .zero else {
      throw Refusal("'every' must be a duration such as 15 * second")
    }
    return span
  }

  private func move(to value: ScriptValue) throws {
    guard let text = value.text, let time = CaseRun.time(text) else {
      throw Refusal("'at' must be a time such as \"2026-03-02T09:00:00Z\"")
    }
    guard time >= clock else {
      throw Refusal("the clock is at \(clock) and does not run backwards")
    }
    clock = time
  }

  /// `2026-03-02T09:00:00Z` and nothing else.
  private static func time(_ text: String) -> Timestamp? {
    let parts = text.split(whereSeparator: { "-T:Z".contains($0) }).map { Int($0) }
    guard parts.count == 6, let year = parts[0], let month = parts[1], let day = parts[2],
      let hour = parts[3], let minute = parts[4], let second = parts[5],
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    let time = civil.timestamp()
    return time.description == text ? time : nil
  }

  private func record(_ table: ScriptTable) throws -> EventRecord {
    let known = ["kind", "source", "entity"]
    var record = EventRecord(
      time: clock, id: "\(suite.subject)/\(sent + 1)", source: "test", kind: "", fields: [:])
    sent += 1
    var entity: String?
    for (name, value) in table.named {
      if known.contains(name) {
        guard let text = value.text else {
          throw Refusal("'\(name)' must be a text, not \(described(value))")
        }
        switch name {
        case "kind": record.kind = text
        case "source": record.source = text
        default: entity = text
        }
      } else {
        if let complaint = vocabulary.complaint(field: name, besides: known) {
          throw Refusal(complaint)
        }
        record.fields[name] = try FieldValue.read(value, for: name, vocabulary)
      }
    }
    guard vocabulary.kinds.contains(record.kind) else {
      throw Refusal(
        record.kind.isEmpty
          ? "an event needs a kind"
          : "unknown kind \(quoted(record.kind))"
            + didYouMean(record.kind, among: vocabulary.kinds))
    }
    record.primaryField = entity ?? CaseRun.entityFields.first { record.text($0) != nil }
    if let entity, record.text(entity) == nil {
      throw Refusal("the entity \(quoted(entity)) is not a text of the event")
    }
    return record
  }

  private func plant(_ arguments: [ScriptValue]) throws -> ScriptValue {
    guard let scenario = set.scenarios.first(where: { $0.id == suite.subject }) else {
      throw Refusal(
        "t:plant works in the suite of a scenario; there is none \(quoted(suite.subject))")
    }
    guard let table = arguments.first?.table, Declared.word(arguments[0]) == nil else {
      throw Refusal("t:plant needs the victim's event")
    }
    let options = try options(arguments, ["seed"])
    let seed = options["seed"].isNil ? 1 : options["seed"].integer
    guard let seed else { throw Refusal("'seed' must be a whole number") }
    let victim = try record(table)
    let runner = try ScenarioRunner(scenario: scenario, vocabulary: vocabulary)
    var random = SeededRandom(seed: UInt64(bitPattern: seed))
    // That it plants at all is what this asks of the scenario.
    expectations += 1
    let emitted = try runner.inject(victim: victim, random: &random)
    // What a scenario emits before its victim's event comes first, as it would in a stream.
    let records = ([victim] + emitted.map(\.record)).enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }.map(\.element)
    try pass(records)
    if let last = records.last { clock = max(clock, last.time) }
    return .integer(Int64(emitted.count))
  }

  private func pass(_ records: [EventRecord]) throws { try take { try $0.send(records) } }

  private func take(_ step: (inout any SuiteBench) throws -> [SuiteFinding]) throws {
    if isJudged {
      findings = []
      isJudged = false
    }
    guard var bench else { throw Refusal("no case is running") }
    let found = try step(&bench)
    self.bench = bench
    // A rule that failed found nothing, and a case that expects nothing must not take that for silence.
    if let failure = bench.failures.first(where: { !isRuleSuite || $0.rule == suite.subject }) {
      throw Refusal(failure.description)
    }
    findings += found.filter { !isRuleSuite || $0.rule == suite.subject }
  }

  private func wait(_ arguments: [ScriptValue]) throws -> ScriptValue {
    guard let span = arguments.first?.duration, span > .zero else {
      throw Refusal("t:wait needs a duration such as 1 * hour")
    }
    clock = clock + span
    try take { try $0.advance(to: clock) }
    try actions?.advance(to: clock)
    return .nil
  }

  // MARK: expecting

  private func expect(_ arguments: [ScriptValue]) throws -> ScriptValue {
    expectations += 1
    isJudged = true
    let keys = [
      "severity", "reason", "mapping", "rule", "count", "alerts", "alert_severity", "response",
    ]
    guard let table = arguments.first?.table, table.list.isEmpty, !table.named.isEmpty else {
      throw Refusal("t:expect needs a table such as { severity = \"high\" }")
    }
    var wanted: [String: String] = [:]
    var count: Int64?
    var alerts: Int64?
    for (name, value) in table.named {
      guard keys.contains(name) else {
        throw Refusal("unknown key \(quoted(name))\(didYouMean(name, among: keys))")
      }
      if name == "count" {
        guard let whole = value.integer, whole > 0 else {
          throw Refusal("'count' must be a whole number above 0")
        }
        count = whole
      } else if name == "alerts" {
        guard let whole = value.integer, whole >= 0 else {
          throw Refusal("'alerts' must be a whole number")
        }
        alerts = whole
      } else {
        guard let text = value.text else {
          throw Refusal("'\(name)' must be a text, not \(described(value))")
        }
        wanted[name] = text
      }
    }
    if let word = wanted["severity"] ?? wanted["alert_severity"], Severity(word) == nil {
      let known = Severity.allCases.map(\.word)
      throw Refusal("unknown severity \(quoted(word))\(didYouMean(word, among: known))")
    }
    let all = findings.filter { finding in
      wanted.allSatisfy { CaseRun.part($0, of: finding) == $1 }
    }
    let matching = all.count
    if let count, matching != count {
      throw Unmet(
        expected: "\(count) findings\(phrase(wanted))", got: "there are \(matching)\(listed)")
    }
    if matching == 0 { throw Unmet(expected: "a finding\(phrase(wanted))", got: outcome) }
    let raised = all.count(where: \.raised)
    if let alerts, raised != alerts {
      throw Unmet(
        expected: "\(alerts) alerts\(phrase(wanted))",
        got: "\(matching) findings raised \(raised)\(listed)")
    }
    return .nil
  }

  private func expectNothing() throws -> ScriptValue {
    expectations += 1
    isJudged = true
    if !findings.isEmpty { throw Unmet(expected: "nothing", got: outcome) }
    return .nil
  }

  private static func part(_ name: String, of finding: SuiteFinding) -> String? {
    switch name {
    case "severity": finding.severity.word
    case "reason": finding.message
    case "mapping": finding.mapping
    case "alert_severity": finding.alertSeverity?.word
    case "response": finding.response
    default: finding.rule
    }
  }

  /// ` with severity "high", reason "…"`.
  private func phrase(_ wanted: [String: String]) -> String {
    if wanted.isEmpty { return "" }
    let parts = wanted.keys.sorted().map { "\($0) \"\(printable(wanted[$0] ?? "", limit: 200))\"" }
    return " with " + parts.joined(separator: ", ")
  }

  private var outcome: String { findings.isEmpty ? "nothing was found" : "found\(listed)" }

  /// The first few findings.
  private var listed: String {
    if findings.isEmpty { return "" }
    let shown = findings.prefix(3).map { finding in
      let mapping = finding.mapping.map { ", mapping \($0)" } ?? ""
      return "\(finding.severity.word) \"\(finding.message)\" by \(finding.rule)\(mapping)"
    }
    let more = findings.count > 3 ? " and \(findings.count - 3) more" : ""
    return ": " + shown.joined(separator: "; ") + more
  }
}
