import Cases
import Detection
import Primitives
import Scripting

/// Reads a `rule { … }`.
struct RuleReader {
  private static let keys = [
    "id", "title", "severity", "tags", "on", "per", "sequence", "without", "flatline", "features",
    "when", "message", "detect", "dedup",
  ]

  let reader: TableReader

  /// The rule; nothing where a part that it cannot be without is wrong.
  func rule() -> Rule? {
    // A run has one model; see the decision on names in functions.
    let namesModel = !reader.table["model"].isNil
    if namesModel {
      reader.report(
        "unknown-key", at: .name("model"), "a rule names no model: it asks the one of the run",
        suggestion: "write when = { score = at_least(0.9) }, and give detect or run the model")
    }
    reader.allow(RuleReader.keys + (namesModel ? ["model"] : []))
    let id = reader.identifier()
    let title = reader.text("title", example: "\"What an analyst reads\"")
    let severity = reader.word(
      "severity", of: Severity.allCases.map(\.word), example: "\"high\"")
    let tags = tags()
    let on = PredicateReader(reader, scope: .event).predicates("on")
    let pattern = PatternReader(reader: reader).pattern()
    let per = pattern.map { .field($0.by) } ?? scope()
    let own =
      reader.inner("features", wanted: "a table of features").map {
        FeatureReader(reader: $0, scope: per).features()
      } ?? []
    // A feature with a problem is still a known name, so that one mistake is reported once.
    let declared = Set(reader.table["features"].table?.named.map(\.name) ?? [])
    let when = PredicateReader(reader, scope: .rule(features: declared, measured: own)).predicates(
      "when")
    let detect = reader.function("detect")
    if on.isEmpty, when.isEmpty, pattern == nil, detect == nil, !reader.file.hasErrors {
      reader.report(
        "always-fires", "fires on every event", suggestion: "give it 'on', 'when' or 'detect'")
    }
    let features = withStandard(own, named: when)
    checkSilence(pattern)
    let known = placeholders(pattern, declared.union(features.map(\.name)))
    let message = message(known)
    let dedup = reader.dedup()
    checkTexts(in: "detect", known)
    checkNames(declared.union(features.map(\.name)))
    guard let id, let title, let severity = severity.flatMap(Severity.init) else { return nil }
    return Rule(
      id: id, title: title, severity: severity, tags: tags, on: on, per: per, features: features,
      when: when, pattern: pattern, message: message, hasDetect: detect != nil,
      dedup: dedup, origin: reader.declared.origin)
  }

  /// What does not come is no event, so nothing can be asked of it.
  private func checkSilence(_ pattern: EventPattern?) {
    guard case .absence? = pattern else { return }
    for key in ["on", "features", "when"] where !reader.table[key].isNil {
      reader.report(
        "unused-key", at: .name(key), "'\(key)' looks at an event, and what does not come is none",
        suggestion: "say it in the step that begins the wait")
    }
  }

  /// The names that a sentence may ask for.
  private func placeholders(_ pattern: EventPattern?, _ features: Set<String>) -> Set<String> {
    if case .absence(let absence)? = pattern {
      return RuleMessage.eventNames.union([absence.by])
    }
    return features.union(reader.file.vocabulary.fields.keys).union(RuleMessage.eventNames)
      .union(Rule.modelNames)
  }

  private func scope() -> EntityScope {
    guard let name = reader.text("per"), reader.checkField(name, at: .name("per"), wantsText: true)
    else { return .primary }
    return .field(name)
  }

  private func tags() -> [String] {
    let tags = reader.texts("tags")
    for (index, tag) in tags.enumerated() where !isIdentifier(tag) {
      reader.below(.name("tags"), ScriptTable()).report(
        "bad-tag", at: .index(index + 1),
        "\(quoted(tag)) is not a tag (lower case words joined by . and -, such as attack.t1110)")
    }
    return tags
  }

  /// Adds the standard features that conditions name; the rule's own come first where both have a name.
  private func withStandard(_ own: [NamedFeature], named when: [Predicate]) -> [NamedFeature] {
    var features = own
    for predicate in when where !features.contains(where: { $0.name == predicate.name }) {
      if let definition = reader.file.vocabulary.features[predicate.name] {
        features.append(NamedFeature(predicate.name, definition))
      }
    }
    return features.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private func message(_ known: Set<String>) -> MessageTemplate? {
    guard let text = reader.text("message") else { return nil }
    if !reader.table["detect"].isNil {
      reader.report(
        "unused-message", at: .name("message"), "'message' is never used",
        suggestion: "return it from detect")
    }
    let template = MessageTemplate(text)
    check(template, at: reader.position(.name("message")), "message", known)
    return template
  }

  /// What `detect` reads of the event and of the features.
  private func checkNames(_ features: Set<String>) {
    reader.checkMembers(of: 0, in: .name("detect")) {
      reader.file.vocabulary.complaint(field: $0, besides: EventReader.ownNames)
    }
    reader.checkMembers(of: 1, in: .name("detect"), code: "unknown-feature") {
      features.contains($0) || Rule.modelNames.contains($0)
        ? nil : FeatureValues.unknown($0, among: features.sorted())
    }
  }

  /// Sentences written inside `detect` are templates too; a place for an unknown value is found before it is needed.
  private func checkTexts(in key: String, _ known: Set<String>) {
    guard let place = reader.declared.place else { return }
    for literal in reader.file.map.literals(in: [.name(key)], of: place) {
      check(MessageTemplate(literal.text), at: literal.position, key, known)
    }
  }

  private func check(
    _ template: MessageTemplate, at position: SourcePosition?, _ key: String, _ known: Set<String>
  ) {
    for name in template.names where !known.contains(name) {
      let isField = reader.file.vocabulary.fields[name] != nil
      reader.file.report(
        "unknown-placeholder", at: position,
        isField
          ? "rule: \(key): '{\(name)}' is a field, and of what does not come no field is known but "
            + known.subtracting(RuleMessage.eventNames).sorted().map(quoted).joined(separator: ", ")
          : "rule: \(key): '{\(name)}' is neither a feature of the rule nor a field"
            + didYouMean(name, among: known))
    }
    for name in template.unclosed where known.contains(name) || key == "message" {
      reader.file.report(
        "unclosed-placeholder", at: position, "rule: \(key): '{\(name)' is not closed",
        suggestion: "write {\(name)}, or {{ for a brace", severity: .warning)
    }
  }
}

extension TableReader {
  /// The `id` of a declaration.
  func identifier(_ key: String = "id") -> String? {
    guard
      let id = text(
        key, example: "\"\(declared.kind == "mapping" ? "access" : "auth.my-\(declared.kind)")\"")
    else { return nil }
    if isIdentifier(id) { return id }
    report(
      "bad-id", at: .name(key),
      "\(quoted(id)) is not an id (lower case words joined by . and -, such as auth.login-burst)")
    return nil
  }

  /// `dedup = { by = "user", within = 1 * hour }`, of a rule or a mapping row.
  func dedup() -> Dedup? {
    guard
      let inner = inner("dedup", wanted: "a table such as { by = \"user\", within = 1 * hour }")
    else { return nil }
    inner.allow(["by", "within"])
    let within = inner.span("within")
    if let within, within > Dedup.longest {
      inner.report(
        "bad-duration", at: .name("within"),
        "'within' must be at most \(Dedup.longest), not \(within)")
    }
    var by: [String] = []
    if let one = inner.table["by"].text {
      by = [one]
    } else {
      by = inner.texts("by")
    }
    by = by.filter { inner.checkField($0, at: .name("by"), wantsText: true) }
    if inner.table["by"].isNil && inner.table["within"].isNil {
      report(
        "empty-dedup", at: .name("dedup"), "'dedup' says nothing",
        suggestion: "say by which fields findings are one alert (by), or for how long (within)")
    }
    return Dedup(by: by, within: within)
  }
}
