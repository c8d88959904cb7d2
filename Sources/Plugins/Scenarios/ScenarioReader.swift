import Detection
import Primitives
import Scripting

/// Helpers of `draw`; parameters of a scenario may not have their names.
enum DrawWord: String, CaseIterable {
  case uniform, normal, exponential, integer, choice
}

/// Reads a `scenario { … }`.
struct ScenarioReader {
  private static let keys = [
    "id", "title", "onto", "needs", "vary", "label", "inject", "expect",
  ]

  private static let usualHistory = 8

  let reader: TableReader

  func scenario() -> Scenario? {
    reader.allow(ScenarioReader.keys)
    let id = reader.identifier()
    let title = reader.text("title", example: "\"How the attack looks\"")
    let onto = PredicateReader(reader, scope: .event).predicates("onto")
    if reader.table["onto"].isNil {
      reader.report(
        "missing-key", "'onto' is missing", suggestion: "write onto = { kind = \"login\" }")
    }
    let vary = vary()
    let needs = needs()
    let label = label()
    let inject = reader.function("inject", example: "function(victim, draw, emit) … end")
    let mapping = expected()
    checkNames()
    guard let id, let title, let label, inject != nil else { return nil }
    return Scenario(
      id: id, title: title, onto: onto, vary: vary, history: needs.history, quiet: needs.quiet,
      label: label, expectMapping: mapping,
      origin: reader.declared.origin)
  }

  /// What `inject` reads of the victim and of the draws, and what it emits.
  private func checkNames() {
    let vocabulary = reader.file.vocabulary
    reader.checkMembers(of: 0, in: .name("inject")) {
      vocabulary.complaint(field: $0, besides: Injection.victimNames)
    }
    let drawn = reader.table["vary"].table?.named.map(\.name) ?? []
    reader.checkMembers(of: 1, in: .name("inject"), code: "unknown-parameter") {
      Injection.complaint(draw: $0, drawn)
    }
    reader.checkKeys(givenTo: 2, in: .name("inject")) {
      Injection.complaint(emitted: $0, vocabulary)
    }
  }

  private func expected() -> String? {
    guard let inner = reader.inner("expect", wanted: "a table such as { mapping = \"…\" }") else {
      return nil
    }
    inner.allow(["mapping"])
    return inner.text("mapping", example: "\"account-takeover\"")
  }

  /// What the victim's life must look like: enough of a past, and silence afterwards where the attack needs it.
  private func needs() -> (history: Int, quiet: TimeSpan) {
    guard let inner = reader.inner("needs", wanted: "a table such as { history = 8 }") else {
      return (ScenarioReader.usualHistory, .zero)
    }
    inner.allow(["history", "quiet"])
    let quiet = inner.span("quiet") ?? .zero
    guard let history = inner.number("history") else { return (ScenarioReader.usualHistory, quiet) }
    if (0...256).contains(history), history == history.rounded() { return (Int(history), quiet) }
    inner.report(
      "bad-history", at: .name("history"), "'history' must be a whole number from 0 to 256")
    return (ScenarioReader.usualHistory, quiet)
  }

  private func label() -> Scenario.Truth? {
    guard
      let inner = reader.inner(
        "label", wanted: "a table",
        example: "{ type = \"anomaly\", name = \"suspicious_login\", severity = 3 }")
    else { return nil }
    inner.allow(["type", "name", "severity"])
    let type = inner.word("type", of: ["anomaly", "fraud"], example: "\"anomaly\"")
    let name = inner.text("name", example: "\"suspicious_login\"")
    let severity = inner.number("severity", example: "3")
    var isRight = true
    if let name, !isFieldName(name) {
      inner.report(
        "bad-name", at: .name("name"),
        "\(quoted(name)) is not a name (lower case words joined by _)")
      isRight = false
    }
    if let severity, !(1...5).contains(severity) || severity != severity.rounded() {
      inner.report(
        "bad-severity", at: .name("severity"),
        "'severity' of a label must be a whole number from 1 (mild) to 5 (severe)")
      isRight = false
    }
    guard isRight, let type, let name, let severity else { return nil }
    return Scenario.Truth(type: type, name: name, severity: Int(severity))
  }

  private func vary() -> [Scenario.Parameter] {
    guard let inner = reader.inner("vary", wanted: "a table of parameters") else { return [] }
    inner.allow(inner.table.named.map(\.name))
    return inner.table.named.compactMap { name, value in
      guard isFieldName(name), DrawWord(rawValue: name) == nil else {
        inner.report(
          "bad-name", at: .name(name),
          DrawWord(rawValue: name) == nil
            ? "\(quoted(name)) is not a name (lower case words joined by _)"
            : "'\(name)' is a function of draw", suggestion: "give it another name")
        return nil
      }
      return choice(name, value, inner).map { Scenario.Parameter(name: name, choice: $0) }
    }
  }

  private func choice(
    _ name: String, _ value: ScriptValue, _ inner: TableReader
  ) -> Scenario.Choice? {
    guard let list = value.table, Declared.word(value) == nil, list.named.isEmpty,
      !list.list.isEmpty
    else {
      inner.wrongType(.name(name), value, wanted: "a range { low, high } or a list of choices")
      return nil
    }
    let items = list.list
    let spans = items.compactMap(\.duration)
    let numbers = items.compactMap(\.number)
    let texts = items.compactMap(\.text)
    if texts.count == items.count { return .texts(texts) }
    if spans.count == items.count {
      if spans.count != 2 { return .spans(spans) }
      return ordered(name, spans[0], spans[1], inner) ? .spanRange(spans[0], spans[1]) : nil
    }
    if numbers.count == items.count {
      if numbers.count != 2 { return .numbers(numbers) }
      guard ordered(name, numbers[0], numbers[1], inner) else { return nil }
      if case .integer(let low) = items[0], case .integer(let high) = items[1] {
        return .wholeRange(low, high)
      }
      return .range(numbers[0], numbers[1])
    }
    inner.report(
      "wrong-type", at: .name(name),
      "\(quoted(name)) mixes kinds of values (all numbers, all durations or all texts)")
    return nil
  }

  private func ordered<Bound: Comparable>(
    _ name: String, _ low: Bound, _ high: Bound, _ inner: TableReader
  ) -> Bool {
    if low <= high { return true }
    inner.report(
      "empty-range", at: .name(name), "the range of \(quoted(name)) ends before it begins",
      suggestion: "write the lower end first")
    return false
  }
}
