import Cases
import Detection
import Primitives
import Response
import Scripting

/// Reads conditions: `{ kind = "login", logins = at_least(12), user = { "ana", matches "svc-*" } }`.
struct PredicateReader {
  /// What a condition may name, beside `kind` and `source`.
  enum Scope {
    /// The event's own fields.
    case event
    /// Fields, the rule's own features, the standard ones and what the model says; a feature with a mistake is a known name,
    /// and nobody knows what it measures.
    case rule(features: Set<String>, measured: [NamedFeature])
    /// The same and what the finding says; features are those of any rule.
    case finding
    /// The parts of an alert, and how long nobody has taken it on.
    case alert
  }

  private let reader: TableReader
  private let scope: Scope

  init(_ reader: TableReader, scope: Scope) {
    self.reader = reader
    self.scope = scope
  }

  private var vocabulary: Vocabulary { reader.file.vocabulary }

  /// The conditions under a key in order of name; those with a problem are left out.
  func predicates(_ key: String) -> [Predicate] {
    reader.inner(key, wanted: "a table of conditions").map { predicates(in: $0) } ?? []
  }

  /// The conditions of a table, which may have other keys too.
  func predicates(in inner: TableReader, except others: [String] = []) -> [Predicate] {
    if !inner.table.list.isEmpty {
      inner.report(
        "unnamed-value", at: .index(1), "a condition without a name",
        suggestion: "write name = value")
    }
    let predicates = inner.table.named.compactMap { name, value -> Predicate? in
      guard !others.contains(name), let type = type(of: name, inner) else { return nil }
      return test(value, at: .name(name), name, type, inner).map { Predicate(name, $0) }
    }
    checkModel(predicates, inner)
    checkRanges(predicates, inner)
    return predicates
  }

  /// A test that no value of its feature ever passes.
  private func checkRanges(_ predicates: [Predicate], _ inner: TableReader) {
    var own: [NamedFeature] = []
    switch scope {
    case .event, .alert: return
    case .rule(_, let measured): own = measured
    case .finding: break
    }
    for predicate in predicates {
      let definition =
        own.first { $0.name == predicate.name }?.definition
        ?? vocabulary.features[predicate.name]
      guard let range = definition?.range, range.excludes(predicate.test) else { continue }
      inner.report(
        "never-holds", at: .name(predicate.name),
        "\(quoted(predicate.name)) is \(range.words), and never passes this",
        suggestion: "change the condition, or leave it out")
    }
  }

  /// A model says how likely an event is bad or how rare it is, never both, and each as a share.
  private func checkModel(_ predicates: [Predicate], _ inner: TableReader) {
    var own: Set<String> = []
    switch scope {
    case .event: return
    case .rule(let features, _): own = features
    case .finding, .alert: break
    }
    let asked = predicates.filter { Rule.modelNames.contains($0.name) && !own.contains($0.name) }
    for predicate in asked {
      guard let bound = predicate.test.bounds.first(where: { $0 < 0 || $0 > 1 }) else { continue }
      inner.report(
        "bad-share", at: .name(predicate.name),
        "\(quoted(predicate.name)) is from 0 to 1, and is compared with \(Figures.text(bound))",
        severity: .warning)
    }
    guard asked.count == Rule.modelNames.count,
      !asked.contains(where: { $0.test.accepts(.missing) })
    else { return }
    inner.report(
      "never-holds", at: .name(Rule.rarity),
      "'score' and 'rarity' are never there at once: a model gives a probability, or says how rare an event is",
      suggestion: "ask for one of them here, and for the other in another place")
  }

  /// What stands under a name; nothing, and a report, where there is no such name.
  private func type(of name: String, _ inner: TableReader) -> FieldType? {
    if case .alert = scope { return alertType(of: name, inner) }
    if name == "kind" || name == "source" { return .text }
    var known: Set<String> = ["kind", "source"]
    switch scope {
    case .event: break
    case .rule(let features, _):
      if Rule.modelNames.contains(name) { return .number }
      known.formUnion(Rule.modelNames)
      if features.contains(name) || vocabulary.features[name] != nil { return .number }
      known.formUnion(features)
      known.formUnion(vocabulary.features.keys)
    case .finding:
      let features = inner.file.shared.ruleFeatures
      if let type = Vocabulary.findingProperties[name] { return type }
      if features.contains(name) || vocabulary.features[name] != nil { return .number }
      known.formUnion(features)
      known.formUnion(vocabulary.features.keys)
      known.formUnion(Vocabulary.findingProperties.keys)
    case .alert: break
    }
    if vocabulary.groundTruth.contains(name) {
      inner.report(
        "ground-truth", at: .name(name),
        "\(quoted(name)) holds the truth about an event, and no plugin may use it")
      return nil
    }
    if let type = vocabulary.fields[name] { return type }
    known.formUnion(vocabulary.fields.keys)
    let what = if case .event = scope { "field" } else { "field or feature" }
    inner.report(
      "unknown-field", at: .name(name),
      "unknown \(what) \(quoted(name))\(didYouMean(name, among: known))")
    return nil
  }

  private func alertType(of name: String, _ inner: TableReader) -> FieldType? {
    if name == AlertFacts.unclaimed { return .number }
    if let type = AlertFacts.types[name] { return type }
    let known = AlertFacts.types.keys + [AlertFacts.unclaimed]
    inner.report(
      "unknown-field", at: .name(name),
      "an alert has no \(quoted(name))\(didYouMean(name, among: known))")
    return nil
  }

  private func test(
    _ value: ScriptValue, at key: LuaSourceMap.Key, _ name: String, _ type: FieldType,
    _ inner: TableReader
  ) -> Test? {
    switch value {
    case .text(let text): return equality(text, at: key, name, type, inner)
    case .integer, .number:
      guard let x = value.number else { return nil }
      if lacksUnit(x, at: key, name, inner) { return nil }
      return comparable(at: key, name, type, inner) ? .equals(.number(x)) : nil
    case .duration(let span):
      return comparable(at: key, name, type, inner) ? .equals(.number(span.seconds)) : nil
    case .flag(let flag):
      if type == .text {
        mismatch(at: key, name, type, "true or false", inner)
        return nil
      }
      return .equals(.flag(flag))
    case .table(let table):
      if let word = Declared.word(value) {
        return tested(word.tag, inner.below(key, word.body), at: key, name, type, inner)
      }
      return alternatives(inner.below(key, table), name, type, at: key, inner)
    default:
      inner.wrongType(key, value, wanted: "a value, a list of values or a test")
      return nil
    }
  }

  private func equality(
    _ text: String, at key: LuaSourceMap.Key, _ name: String, _ type: FieldType,
    _ inner: TableReader
  ) -> Test? {
    guard type == .text else {
      mismatch(at: key, name, type, "a text", inner)
      return nil
    }
    let known: (what: String, words: Set<String>)? =
      switch name {
      case "kind": ("kind", vocabulary.kinds)
      case "source": ("source", vocabulary.sources)
      case "severity":
        switch scope {
        case .finding, .alert: ("severity", Set(Severity.allCases.map(\.word)))
        case .event, .rule: nil
        }
      default: nil
      }
    if let known, !known.words.contains(text) {
      let wild = text.contains("*")
      inner.report(
        "unknown-\(known.what)", at: key,
        "unknown \(known.what) \(quoted(text))\(didYouMean(text, among: known.words))",
        suggestion: wild ? "write matches \"…\" where * stands for any text" : nil)
      return nil
    }
    switch scope {
    case .finding: checkRule(name, text, at: key, inner)
    case .alert: checkPart(name, text, at: key, inner)
    case .event, .rule: break
    }
    return .equals(.text(text))
  }

  /// What an alert's parts are called; all but the owners may come of a plugin in another folder.
  private func checkPart(
    _ name: String, _ text: String, at key: LuaSourceMap.Key, _ inner: TableReader
  ) {
    let shared = inner.file.shared
    func missing(_ what: String, _ known: Set<String>?, _ severity: Diagnostic.Severity) {
      guard let known, !known.contains(text) else { return }
      inner.report(
        "unknown-\(name)", at: key, "\(what) \(quoted(text))\(didYouMean(text, among: known))",
        severity: severity)
    }
    switch name {
    case "rule": checkRule(name, text, at: key, inner)
    case "owner": missing("unknown owner", vocabulary.owners, .error)
    case "mapping": missing("no mapping here has a row", shared.rows, .warning)
    case "response": missing("no mapping here gives the response", shared.responses, .warning)
    default: break
    }
  }

  /// A rule may stand in another folder, so one that is not known is a warning.
  private func checkRule(
    _ name: String, _ text: String, at key: LuaSourceMap.Key, _ inner: TableReader
  ) {
    let known = inner.file.shared.rules.union(vocabulary.finders)
    guard name == "rule", !known.contains(text) else { return }
    inner.report(
      "unknown-rule", at: key,
      "no rule here has the id \(quoted(text))\(didYouMean(text, among: known))",
      severity: .warning)
  }

  private func alternatives(
    _ list: TableReader, _ name: String, _ type: FieldType, at key: LuaSourceMap.Key,
    _ inner: TableReader
  ) -> Test? {
    list.allow([], items: .max)
    if list.table.list.isEmpty {
      inner.report(
        "empty-list", at: key, "\(quoted(name)) has an empty list, which no value passes")
      return nil
    }
    let tests = list.table.list.enumerated().map { index, value in
      test(value, at: .index(index + 1), name, type, list)
    }
    return tests.contains { $0 == nil } ? nil : .any(tests.compactMap { $0 })
  }

  /// One of the prelude's tests, its arguments being the list of `arguments`.
  private func tested(
    _ word: String, _ arguments: TableReader, at key: LuaSourceMap.Key, _ name: String,
    _ type: FieldType, _ inner: TableReader
  ) -> Test? {
    switch word {
    case "missing": return .missing
    case "present": return .present
    case "not_":
      guard let value = one(word, arguments, at: key, inner) else { return nil }
      return test(value, at: key, name, type, inner).map { .not($0) }
    case "matches", "matches_any_case", "in_list":
      guard let value = one(word, arguments, at: key, inner) else { return nil }
      guard type == .text else {
        mismatch(at: key, name, type, "'\(word)'", inner)
        return nil
      }
      guard let text = value.text else {
        inner.report(
          "wrong-type", at: key, "'\(word)' needs a text, not \(described(value))")
        return nil
      }
      switch word {
      case "matches": return .matches(text)
      case "matches_any_case": return .matchesAnyCase(text)
      default: return list(text, at: key, inner)
      }
    default: return bounds(word, arguments, at: key, name, type, inner)
    }
  }

  private func list(_ text: String, at key: LuaSourceMap.Key, _ inner: TableReader) -> Test? {
    if vocabulary.lists.contains(text) { return .inList(text) }
    inner.report(
      "unknown-list", at: key,
      "unknown list \(quoted(text))\(didYouMean(text, among: vocabulary.lists))")
    return nil
  }

  private func bounds(
    _ word: String, _ arguments: TableReader, at key: LuaSourceMap.Key, _ name: String,
    _ type: FieldType, _ inner: TableReader
  ) -> Test? {
    let wanted = word == "between" ? 2 : 1
    guard LuaPrelude.tests.contains(word) else {
      inner.report(
        "wrong-type", at: key, "\(quoted(word)) is not a test",
        suggestion:
          "the tests are \((LuaPrelude.tests + LuaPrelude.constants).joined(separator: ", "))")
      return nil
    }
    let values = arguments.table.list
    guard values.count == wanted else {
      inner.report(
        "wrong-count", at: key,
        "'\(word)' needs \(wanted == 2 ? "two numbers" : "one number"), not \(values.count)")
      return nil
    }
    var numbers: [Double] = []
    for value in values {
      if let number = value.number, lacksUnit(number, at: key, name, inner) { return nil }
      guard let number = value.number ?? value.duration?.seconds else {
        inner.report(
          "wrong-type", at: key, "'\(word)' needs a number, not \(described(value))")
        return nil
      }
      numbers.append(number)
    }
    guard comparable(at: key, name, type, inner) else { return nil }
    switch word {
    case "at_least": return .atLeast(numbers[0])
    case "at_most": return .atMost(numbers[0])
    case "above": return .above(numbers[0])
    case "below": return .below(numbers[0])
    case "multiple_of":
      guard numbers[0] > 0 else {
        inner.report("bad-step", at: key, "'multiple_of' needs a number above 0")
        return nil
      }
      return .multipleOf(numbers[0])
    default:
      if numbers[0] > numbers[1] {
        inner.report(
          "empty-range", at: key,
          "no value is between \(Figures.text(numbers[0])) and \(Figures.text(numbers[1]))",
          suggestion: "write the lower number first")
        return nil
      }
      return .between(numbers[0], numbers[1])
    }
  }

  private func one(
    _ word: String, _ arguments: TableReader, at key: LuaSourceMap.Key, _ inner: TableReader
  ) -> ScriptValue? {
    if arguments.table.list.count == 1 { return arguments.table.list[0] }
    inner.report(
      "wrong-count", at: key, "'\(word)' needs one value, not \(arguments.table.list.count)")
    return nil
  }

  /// Whether a number can be compared with what stands under the name.
  private func comparable(
    at key: LuaSourceMap.Key, _ name: String, _ type: FieldType, _ inner: TableReader
  ) -> Bool {
    if type != .text { return true }
    mismatch(at: key, name, type, "a number", inner)
    return false
  }

  /// How long an alert has waited is asked for with a unit.
  private func lacksUnit(
    _ number: Double, at key: LuaSourceMap.Key, _ name: String, _ inner: TableReader
  ) -> Bool {
    guard case .alert = scope, name == AlertFacts.unclaimed else { return false }
    let text = Figures.text(number)
    inner.report(
      "no-unit", at: key, "\(quoted(name)) is a length of time, and \(text) has no unit",
      suggestion: "write \(text) * second or \(text) * minute")
    return true
  }

  private func mismatch(
    at key: LuaSourceMap.Key, _ name: String, _ type: FieldType, _ given: String,
    _ inner: TableReader
  ) {
    inner.report(
      "wrong-type", at: key, "\(quoted(name)) holds a \(type.rawValue), which \(given) cannot test")
  }
}
