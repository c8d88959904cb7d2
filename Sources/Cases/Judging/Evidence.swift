package import Detection

/// Everything known about one event and one entity at the moment they were judged: what an alert is made from.
package struct Evidence: Sendable {
  package var event: EventRecord
  /// Whom it is about; missing where the source has no entity.
  package var entity: Entity?
  /// Everybody that the event names, whom it is about among them: the others may be what ties it to another alert.
  package var involved: [Entity]
  /// What rules and the model found; never empty. Rows and symbols in them are not looked at.
  package var findings: [Finding]
  /// Calibrated probability that the event is bad, 0 to 1, where a model scored it.
  package var score: Double?
  /// Whether the score is no probability but the share of events that are less rare: the model saw no labels.
  package var scoreIsRarity = false
  /// The score where it is a probability.
  var probability: Double? { scoreIsRarity ? nil : score }
  /// What the contributions and the bias sum to: the model's raw output, before calibration.
  package var margin: Double?
  /// Earlier events of the entity, where counted.
  package var history: Int?
  /// What is known of the entity's alerts before; missing where nobody looked.
  package var past: AlertPast?
  /// What was measured, in the order of the feature set.
  package var features: [Measurement]
  /// Names of the features that the fired rules look at.
  package var ruleFeatures: [String]
  /// What rules' own functions compared where they decided, in their order; empty where that is not known.
  package var decided: [Decided] = []
  /// What each feature added to the margin of this very prediction.
  package var contributions: [Contribution]
  package var bias: Double
  package var modelName: String?
  /// The share of bad events that the model was trained on; missing where that is not known.
  package var baseRate: Double?

  package init(
    event: EventRecord, entity: Entity?, findings: [Finding], score: Double? = nil,
    margin: Double? = nil, history: Int? = nil, features: [Measurement] = [],
    ruleFeatures: [String] = [], contributions: [Contribution] = [], bias: Double = 0,
    modelName: String? = nil, baseRate: Double? = nil, involved: [Entity] = []
  ) {
    self.event = event
    self.entity = entity
    self.involved = involved
    self.findings = findings
    self.score = score
    self.margin = margin
    self.history = history
    self.features = features
    self.ruleFeatures = ruleFeatures
    self.contributions = contributions
    self.bias = bias
    self.modelName = modelName
    self.baseRate = baseRate
    for measured in findings.compactMap(\.measured) {
      self.features.append(
        Measurement(name: measured.name, value: measured.value, words: measured.words))
      self.ruleFeatures.append(measured.name)
    }
  }
}

/// A field and its value that a case is about: (`user`, `ana`).
package struct Entity: Hashable, Sendable {
  package var field: String
  package var value: String

  package init(field: String, value: String) {
    self.field = field
    self.value = value
  }
}

/// One feature's value on the event and what is normal for the entity.
package struct Measurement: Hashable, Sendable {
  package var name: String
  /// NaN where missing.
  package var value: Double
  /// What was usual for the entity at such an hour; missing where nobody asked, or too little is known.
  package var usual: Usual?
  /// How it reads in a sentence; the words of the standard feature of this name where missing.
  package var words: FeatureWords?

  package init(
    name: String, value: Double, usual: Usual? = nil, words: FeatureWords? = nil
  ) {
    self.name = name
    self.value = value
    self.usual = usual
    self.words = words
  }
}

/// A number that the function of a rule compared where it decided.
package struct Decided: Hashable, Sendable {
  /// Of a feature, a field of the event, or what the rule's author called it.
  package var name: String
  package var value: Double
  /// What was asked of it and came true: `at least 1.3 * before = 39`.
  package var bound: String

  package init(name: String, value: Double, bound: String) {
    self.name = name
    self.value = value
    self.bound = bound
  }
}

/// What one feature added to a prediction's margin; below 0 where it spoke against an alert.
package struct Contribution: Hashable, Sendable {
  package var feature: String
  package var value: Double

  package init(feature: String, value: Double) {
    self.feature = feature
    self.value = value
  }
}

extension Evidence {
  /// Whether every predicate holds.
  package func satisfies(
    _ predicates: [Predicate], lists: (String, String) -> Bool = { _, _ in false }
  ) -> Bool {
    predicates.allSatisfy { satisfies($0, lists: lists) }
  }

  /// A name is first a word of the finding (`rule`, `score`, `rarity`, `severity`), then `kind` or `source`, then a feature, then
  /// a field of the event. `rule` holds every rule that fired: a test passes where it passes for one of them, and a
  /// negated one where the inner test passes for none.
  private func satisfies(_ predicate: Predicate, lists: (String, String) -> Bool) -> Bool {
    if predicate.name == "rule" { return accepts(rules: ruleIDs, predicate.test, lists: lists) }
    return predicate.test.accepts(value(of: predicate.name), lists: lists)
  }

  private func accepts(rules: [String], _ test: Test, lists: (String, String) -> Bool) -> Bool {
    switch test {
    case .missing: rules.isEmpty
    case .any(let tests): tests.contains { accepts(rules: rules, $0, lists: lists) }
    case .present: !rules.isEmpty
    case .not(let inner): !rules.isEmpty && !accepts(rules: rules, inner, lists: lists)
    default: rules.contains { test.accepts(.text($0), lists: lists) }
    }
  }

  /// What stands under a name; `severity` is the highest of the findings, as a word. `score` is a probability: what a model
  /// that saw no labels says stands under `rarity`.
  package func value(of name: String) -> Value {
    switch name {
    case "score": probability.map { .number($0) } ?? .missing
    case "rarity": (scoreIsRarity ? score : nil).map { .number($0) } ?? .missing
    case "severity": foundSeverity.map { .text($0.word) } ?? .missing
    case "kind": .text(event.kind)
    case "source": .text(event.source)
    default:
      if AlertPast.types[name] != nil {
        past?.value(of: name) ?? .missing
      } else if let feature = features.first(where: { $0.name == name }) {
        feature.value.isNaN ? .missing : .number(feature.value)
      } else {
        event.fields[name] ?? .missing
      }
    }
  }

  /// The rules that fired, each once, in order of their ids.
  package var ruleIDs: [String] {
    var ids: [String] = []
    for finding in findings {
      if case .rule(let id) = finding.origin, !ids.contains(id) { ids.append(id) }
    }
    return ids.sorted()
  }

  private var foundSeverity: Severity? { findings.map(\.severity).max() }

  /// The finding that speaks for all: the most severe rule, by id among equals; the model's where no rule fired.
  package var leading: Finding? {
    var best: (severity: Severity, id: String, finding: Finding)?
    for finding in findings {
      guard case .rule(let id) = finding.origin else { continue }
      if best == nil || finding.severity > best!.severity
        || (finding.severity == best!.severity && id < best!.id)
      {
        best = (finding.severity, id, finding)
      }
    }
    return best?.finding ?? findings.first
  }
}
