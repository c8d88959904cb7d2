package import Detection
import Primitives
package import Scripting

/// Asks a rule about events on which its native conditions hold.
///
/// Owns a Lua state and belongs to one thread at a time. A rule that fails 5 times within its last 100 calls, that is ended
/// 5 times within its last 10,000 for taking too long, or that spends more than a `CallBudget`, is set aside: it is asked
/// no more, and its state says why. A rule whose file does not load again as it did when it was checked is set aside from
/// the start.
package final class RuleRunner {
  package let rule: Rule
  package private(set) var state: RuleState = .running
  /// Calls and failures since the start.
  package private(set) var calls = 0
  package private(set) var failures = 0
  /// The last failure, whether the rule was set aside for it or not.
  package private(set) var lastFailure: RuleFailure?

  /// What is shown of it is shorter still; taking apart more would cost the host's time and not the rule's.
  private static let longestMessage = 2000

  private let script: Script?
  private let detect: ScriptFunction?
  private let call: PreparedCall?
  private let event: EventReader
  private let features: FeatureValues
  private var isSetAside = false
  /// Of the script, after the last call.
  private var spent = 0
  /// Nanoseconds that loading took, which no event has to answer for.
  private var loading = 0
  private var window = FailureWindow()
  private var overruns = OverrunWindow()
  private var budget = CallBudget()
  private var templates: [String: MessageTemplate] = [:]
  /// What the file's own texts have in braces: nothing else in what `detect` returns is a place to be filled, so that
  /// braces in a text of an event are shown as they came.
  private let placeholders: Set<String>

  /// The lists that `list.has` asks.
  package var lists: ListBook {
    get { shelf.book }
    set { shelf.book = newValue }
  }
  private let shelf = ListFunction.Shelf()

  package init(rule: Rule, vocabulary: Vocabulary, lists: ListBook = [:]) {
    shelf.book = lists
    self.rule = rule
    event = EventReader(vocabulary: vocabulary)
    features = FeatureValues(rule.features)
    placeholders = RuleMessage.eventNames.union(vocabulary.fields.keys)
      .union(rule.features.map(\.name)).union(Rule.modelNames)
      .intersection(LuaSourceMap.placeholders(in: rule.origin.source.text))
    guard rule.hasDetect else {
      script = nil
      detect = nil
      call = nil
      return
    }
    do throws(ScriptError) {
      let script = try Script(
        name: rule.id, seed: StableHash.of(rule.id.utf8), prelude: [LuaPrelude.source],
        functions: [ListFunction.has(shelf), FigureFunction.function])
      let envelope = try PluginLoader.envelope(of: rule.origin, in: script)
      guard let function = envelope["body"].table?["detect"].function else {
        throw ScriptError(
          kind: .value, message: "has no 'detect' any more when it is loaded again",
          chunk: rule.file, line: nil)
      }
      call = script.prepare(function, try script.object(event), try script.object(features))
      detect = function
      self.script = script
      // Of the declaration only its function is called.
      script.collect()
      loading = script.nanoseconds
      spent = loading
    } catch {
      script = nil
      detect = nil
      call = nil
      note(RuleFailure(rule, line: error.line, eventID: nil, reason: error.message))
      setAside()
    }
  }

  /// Tells of the lines of the rule's function that run, nobody where missing.
  package func watchLines(_ watcher: LineWatcher?) { script?.watchLines(watcher) }

  /// Bytes that its Lua state holds now.
  package var memory: Int { script?.memory ?? 0 }
  /// Time in its Lua function so far.
  package var nanoseconds: Int { (script?.nanoseconds ?? 0) - loading }

  /// The next calls are those of another batch.
  package func beginBatch() { budget = CallBudget() }

  private func note(_ failure: RuleFailure) {
    failures += 1
    lastFailure = failure
  }

  private func setAside() {
    guard let lastFailure else { return }
    isSetAside = true
    state = .setAside(
      last: lastFailure, failures: window.failures,
      calls: Swift.min(window.calls, FailureWindow.calls))
  }

  /// What the rule says of an event; nothing where it finds nothing or was set aside.
  ///
  /// `feature` gives the values in the order of `rule.features` and `score` what the model says. The
  /// conditions `on` and `when` are the caller's to have tested.
  package func detect(
    _ event: some JudgedEvent, score: ModelScore = .missing, feature: (Int) -> Double
  ) throws(RuleFailure) -> RuleVerdict? {
    try counted(event, score, feature)
  }

  /// The same for the row of a batch, which the compiler then knows.
  package func detect(
    _ row: BatchRow, score: ModelScore = .missing, feature: (Int) -> Double
  ) throws(RuleFailure) -> RuleVerdict? {
    try counted(row, score, feature)
  }

  /// Whether the rule finds something in an event: as `detect`, without the sentence, which takes longer than all else.
  package func finds(
    _ event: some JudgedEvent, score: ModelScore = .missing, feature: (Int) -> Double
  ) throws(RuleFailure) -> Bool {
    try counted(event, score, feature, isTold: false) != nil
  }

  /// - Parameter isTold: whether the verdict's message is wanted; it is empty where not.
  private func counted(
    _ event: some JudgedEvent, _ score: ModelScore, _ feature: (Int) -> Double, isTold: Bool = true
  ) throws(RuleFailure) -> RuleVerdict? {
    if isSetAside { return nil }
    features.take(score: score, feature: feature)
    calls += 1
    let before = spent
    do {
      let verdict = try judged(event, isTold)
      window.noteSuccess()
      checkBudget(spent - before, event)
      return verdict
    } catch {
      let failure = RuleFailure(
        rule, line: error.line, eventID: event.id, reason: error.message)
      note(failure)
      let isSlow = error.kind == .deadline && overruns.note(call: calls)
      if window.note(failed: true) || isSlow {
        setAside()
      } else {
        checkBudget(spent - before, event)
      }
      throw failure
    }
  }

  /// Sets the rule aside where its calls on this batch, ended ones among them, have cost too much.
  private func checkBudget(_ nanoseconds: Int, _ event: some JudgedEvent) {
    guard budget.isSpent(by: nanoseconds) else { return }
    note(RuleFailure(rule, line: detect?.line, eventID: event.id, reason: budget.reason))
    setAside()
  }

  private func judged(
    _ event: some JudgedEvent, _ isTold: Bool
  ) throws(ScriptError) -> RuleVerdict? {
    guard let call else {
      let message = isTold ? rule.message.map { filled($0, event) } ?? rule.title : ""
      return RuleVerdict(severity: rule.severity, message: message)
    }
    if let row = event as? BatchRow { self.event.take(row) } else { self.event.take(event) }
    defer { spent = call.nanoseconds }
    let answer = try call()
    switch answer {
    case .nil, .flag(false): return nil
    case .flag(true): return RuleVerdict(severity: rule.severity, message: rule.title)
    case .text(let text):
      return RuleVerdict(severity: rule.severity, message: try sentence(text, event, isTold))
    case .table(let table) where table.list.isEmpty && Declared.word(answer) == nil:
      return try verdict(table, event, isTold)
    default:
      throw wrong(
        "detect must return a sentence, a table with a message, or nothing, not \(described(answer))"
      )
    }
  }

  private func verdict(
    _ table: ScriptTable, _ event: some JudgedEvent, _ isTold: Bool
  ) throws(ScriptError) -> RuleVerdict {
    let keys = ["message", "severity"]
    for (name, _) in table.named where !keys.contains(name) {
      guard name.utf8.count <= 100 else {
        throw wrong("detect returned a key of \(name.utf8.count) bytes")
      }
      throw wrong("detect returned an unknown key \(quoted(name))\(didYouMean(name, among: keys))")
    }
    var severity = rule.severity
    if !table["severity"].isNil {
      guard let known = table["severity"].text.flatMap(Severity.init) else {
        throw wrong(
          "detect returned a severity that is none of "
            + Severity.allCases.map(\.word).joined(separator: ", "))
      }
      severity = known
    }
    if table["message"].isNil { return RuleVerdict(severity: severity, message: rule.title) }
    guard let text = table["message"].text else {
      throw wrong("detect returned a message that is \(described(table["message"]))")
    }
    return RuleVerdict(severity: severity, message: try sentence(text, event, isTold))
  }

  private func sentence(
    _ text: String, _ event: some JudgedEvent, _ isTold: Bool
  ) throws(ScriptError) -> String {
    guard text.utf8.count <= RuleRunner.longestMessage else {
      throw wrong(
        "detect returned a message of \(text.utf8.count) bytes, and \(RuleRunner.longestMessage) are allowed"
      )
    }
    if text.isEmpty { throw wrong("detect returned an empty text; return a sentence, or nothing") }
    guard isTold else { return "" }
    let template = templates[text] ?? MessageTemplate(text, names: placeholders)
    if templates.count < 64 { templates[text] = template }
    return filled(template, event)
  }

  private func filled(_ template: MessageTemplate, _ event: some JudgedEvent) -> String {
    printable(
      RuleMessage.filled(template, event: event) { features.value(named: $0) }, limit: 1000)
  }

  private func wrong(_ message: String) -> ScriptError {
    ScriptError(kind: .value, message: message, chunk: rule.file, line: nil)
  }
}
