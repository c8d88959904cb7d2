import Detection
import Primitives
import Scripting

/// Reads `features = { logins = count { within = 5 * minute } }`.
struct FeatureReader {
  let reader: TableReader
  /// Whose events a feature looks at where it does not say.
  let scope: EntityScope

  private var vocabulary: Vocabulary { reader.file.vocabulary }

  /// The features in order of name; those with a problem are left out.
  func features() -> [NamedFeature] {
    var features: [NamedFeature] = []
    if !reader.table.list.isEmpty {
      reader.report(
        "unnamed-value", at: .index(1), "a feature without a name",
        suggestion: "write name = count { within = 1 * hour }")
    }
    for (name, value) in reader.table.named {
      guard isFieldName(name) else {
        reader.report(
          "bad-name", at: .name(name),
          "\(quoted(name)) is not a name (lower case words joined by _)")
        continue
      }
      guard let word = Declared.word(value), let kind = FeatureWord(rawValue: word.tag) else {
        reader.report(
          "wrong-type", at: .name(name),
          "\(quoted(name)) must be a feature, not \(described(value))",
          suggestion: "such as count { within = 5 * minute }")
        continue
      }
      // A feature of a rule's own may be called 'rarity', and is what the rule means by it.
      if name == Rule.score {
        reader.report(
          "taken-name", at: .name(name), "'score' is what the model says of the event",
          suggestion: "give the feature another name")
        continue
      }
      if vocabulary.fields[name] != nil || name == "kind" || name == "source" {
        reader.report(
          "taken-name", at: .name(name), "\(quoted(name)) is the name of an event field",
          suggestion: "give the feature another name")
        continue
      }
      if let definition = definition(kind, reader.below(.name(name), word.body)) {
        if let standard = vocabulary.features[name], standard != definition {
          reader.report(
            "taken-name", at: .name(name),
            "\(quoted(name)) is the name of a standard feature that measures something else",
            suggestion: "give it another name")
          continue
        }
        features.append(NamedFeature(name, definition))
      }
    }
    return features
  }

  private func definition(_ word: FeatureWord, _ inner: TableReader) -> FeatureDefinition? {
    if word.subject == .features { return pair(word, inner) }
    inner.allow(word.keys, items: word.subject == .none ? 0 : 1)
    let subject = subject(word, inner)
    let scope = inner.table["per"].isNil ? scope : entity(inner)
    let span = word.hasWindow ? inner.span("within", example: "1 * hour") : .zero
    let filter = word.hasFilter ? PredicateReader(inner, scope: .event).predicates("where") : []
    guard let subject, let scope, let span else { return nil }
    let field = subject.field
    switch word {
    case .feature: return subject.standard
    case .seasonal: return .seasonal(scope, of: field, within: span)
    case .ratio, .difference: return nil
    case .count: return .count(scope, within: span, where: filter)
    case .distinct: return field.map { .distinct(scope, of: $0, within: span, where: filter) }
    case .new: return field.map { .isNew(scope, of: $0) }
    case .rate: return .rate(scope, within: span)
    case .since: return .sinceLast(scope, where: filter)
    case .ewma:
      return inner.span("half_life", example: "1 * hour").map {
        .ewma(scope, of: field, halfLife: $0)
      }
    case .zScore: return .zScore(scope, of: field, within: span)
    case .ratioToMean: return .ratioToMean(scope, of: field, within: span)
    case .ratioToLast: return .ratioToLast(scope, of: field)
    case .percentChange: return .percentChange(scope, of: field, within: span)
    case .delta: return order(inner).map { .difference(scope, of: field, order: $0) }
    case .hourRarity: return .hourRarity(scope)
    case .dailyCount: return .dailyCount(scope)
    case .dailySum: return .dailySum(scope, of: field)
    case .history: return .history(scope)
    case .labelRate:
      return delay(inner).map { .labelRate(scope, within: span, knownAfter: $0) }
    case .sinceLabel: return delay(inner).map { .sinceLabel(scope, knownAfter: $0) }
    case .sum, .mean, .std, .min, .max, .first, .last:
      return word.aggregate.map { .aggregate($0, scope, of: field, within: span, where: filter) }
    }
  }

  /// `ratio { count { within = hour }, "event_count_24h" }`: two features, or names of standard ones.
  private func pair(_ word: FeatureWord, _ inner: TableReader) -> FeatureDefinition? {
    inner.allow(word.keys, items: 2)
    guard inner.table.list.count >= 2 else {
      inner.report(
        "missing-key", "'\(word.rawValue)' needs two features",
        suggestion:
          "such as \(word.rawValue) { count { within = 1 * hour }, count { within = 24 * hour } }")
      return nil
    }
    let parts = inner.table.list.prefix(2).enumerated().map { index, value in
      part(value, at: .index(index + 1), inner)
    }
    guard let first = parts[0], let second = parts[1] else { return nil }
    return word == .ratio ? .ratio(first, second) : .minus(first, second)
  }

  private func part(
    _ value: ScriptValue, at key: LuaSourceMap.Key, _ inner: TableReader
  ) -> FeatureDefinition? {
    if let word = Declared.word(value), let kind = FeatureWord(rawValue: word.tag) {
      return definition(kind, inner.below(key, word.body))
    }
    guard let name = value.text else {
      inner.wrongType(key, value, wanted: "a feature")
      return nil
    }
    if let standard = vocabulary.features[name] { return standard }
    inner.report(
      "unknown-feature", at: key,
      "unknown feature \(quoted(name))\(didYouMean(name, among: vocabulary.features.keys))")
    return nil
  }

  private struct Subject {
    var field: String?
    var standard: FeatureDefinition?
  }

  /// The first value without a key; nothing where it is wrong.
  private func subject(_ word: FeatureWord, _ inner: TableReader) -> Subject? {
    guard let value = inner.table.list.first, word.subject != .none else {
      switch word.subject {
      case .none, .measure, .features: return Subject()
      case .textField:
        inner.report(
          "missing-key", "'\(word.rawValue)' needs a field",
          suggestion:
            "such as \(word.rawValue) { \"device\"\(word.hasWindow ? ", within = 1 * hour" : "") }")
      case .standard:
        inner.report(
          "missing-key", "'feature' needs the name of a standard feature",
          suggestion: "such as feature \"event_count_1h\"")
      }
      return nil
    }
    guard let name = value.text else {
      inner.wrongType(.index(1), value, wanted: "the name of a field")
      return nil
    }
    if word.subject == .standard {
      guard let definition = vocabulary.features[name] else {
        inner.report(
          "unknown-feature", at: .index(1),
          "unknown feature \(quoted(name))\(didYouMean(name, among: vocabulary.features.keys))")
        return nil
      }
      return Subject(standard: definition)
    }
    let wantsText = word.subject == .textField
    if wantsText, name == "kind" || name == "source" { return Subject(field: name) }
    return field(name, .index(1), text: wantsText, inner) ? Subject(field: name) : nil
  }

  /// How long after an event its label counts as known.
  private func delay(_ inner: TableReader) -> TimeSpan? {
    inner.span("known_after", example: "7 * day", orNone: true)
  }

  private func order(_ inner: TableReader) -> Int? {
    let value = inner.table["order"]
    if value.isNil { return 1 }
    if let order = value.integer, order == 1 || order == 2 { return Int(order) }
    inner.report("bad-order", at: .name("order"), "'order' must be 1 or 2")
    return nil
  }

  private func entity(_ inner: TableReader) -> EntityScope? {
    if inner.table["per"].table != nil {
      let names = inner.texts("per")
      guard names.count == 2, names[0] != names[1] else {
        inner.report(
          "bad-entity", at: .name("per"), "'per' must name one field, or two different ones",
          suggestion: "such as { \"card\", \"terminal\" }")
        return nil
      }
      let isKnown = names.allSatisfy { field($0, .name("per"), text: true, inner) }
      return isKnown ? .pair(names[0], names[1]) : nil
    }
    guard let name = inner.text("per") else { return nil }
    return field(name, .name("per"), text: true, inner) ? .field(name) : nil
  }

  private func field(
    _ name: String, _ key: LuaSourceMap.Key, text: Bool, _ inner: TableReader
  ) -> Bool {
    inner.checkField(name, at: key, wantsText: text)
  }
}

extension TableReader {
  /// Whether a field exists, is not the truth, and is a text or a number as wanted; reports it where not.
  func checkField(_ name: String, at key: LuaSourceMap.Key, wantsText: Bool) -> Bool {
    let vocabulary = file.vocabulary
    if vocabulary.groundTruth.contains(name) {
      report(
        "ground-truth", at: key,
        "\(quoted(name)) holds the truth about an event, and no plugin may use it")
      return false
    }
    guard let type = vocabulary.fields[name] else {
      report(
        "unknown-field", at: key,
        "unknown field \(quoted(name))\(didYouMean(name, among: vocabulary.fields.keys))")
      return false
    }
    if (type == .text) != wantsText {
      report(
        "wrong-type", at: key,
        "field \(quoted(name)) is a \(type.rawValue), and a \(wantsText ? "text" : "number") is needed"
      )
      return false
    }
    return true
  }
}

/// Lower case letters, digits and _, beginning with a letter or _.
func isFieldName(_ name: String) -> Bool {
  guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
  let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  return !digits.contains(first)
    && name.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || digits.contains($0)
        || $0 == UInt8(ascii: "_")
    }
}

/// Lower case words and digits joined by single `.` and `-`, at most 64 bytes: `auth.login-burst`.
func isIdentifier(_ id: String) -> Bool {
  guard (1...64).contains(id.utf8.count) else { return false }
  var atStart = true
  for byte in id.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      atStart = false
    case UInt8(ascii: "."), UInt8(ascii: "-"):
      if atStart { return false }
      atStart = true
    default: return false
    }
  }
  return !atStart
}
