package import Cases
package import Detection
package import Primitives

/// An alert as escalations and playbooks see it: its parts by name.
package struct AlertFacts: Hashable, Sendable {
  package var time: Timestamp
  package private(set) var values: [String: Value]

  /// What they may ask for, and what it holds.
  package static let types: [String: FieldType] = [
    "id": .text, "event_id": .text, "source": .text, "entity": .text, "entity_field": .text,
    "rule": .text, "score": .number, "rarity": .number, "confidence": .number, "severity": .text,
    "title": .text,
    "message": .text, "category": .text, "risk": .text, "cost_usd": .number, "action": .text,
    "owner": .text, "mapping": .text, "recurrence": .number, "incident": .text, "model": .text,
    "sla_seconds": .number, "response": .text,
  ].merging(AlertPast.types) { first, _ in first }

  /// Seconds since an alert that nobody has taken on; `when` may ask for it, the alert itself does not hold it.
  package static let unclaimed = "unclaimed"

  package init(time: Timestamp, values: [String: Value]) {
    self.time = time
    self.values = values
  }

  package init(_ alert: Alert) {
    time = alert.time
    var values: [String: Value] = [
      "id": .text(alert.id), "event_id": .text(alert.eventID), "source": .text(alert.source),
      "severity": .text(alert.severity.word), "title": .text(alert.title),
      "message": .text(alert.message), "recurrence": .number(Double(alert.recurrence)),
      "incident": .text(alert.incident),
    ]
    func add(_ name: String, _ text: String?) { values[name] = text.map { .text($0) } }
    func add(_ name: String, _ number: Double?) { values[name] = number.map { .number($0) } }
    add("entity", alert.entity?.value)
    add("entity_field", alert.entity?.field)
    add("rule", alert.rule)
    // A score that says how rare an event is must not pass for a probability.
    add("score", alert.probability)
    add("rarity", alert.rarity)
    add("confidence", alert.confidence)
    add("category", alert.category)
    add("risk", alert.risk?.rawValue)
    add("cost_usd", alert.costUSD)
    add("action", alert.action)
    add("response", alert.response)
    for name in AlertPast.types.keys {
      if let value = alert.past?.value(of: name), value != .missing { values[name] = value }
    }
    add("owner", alert.owner)
    add("mapping", alert.mapping)
    add("model", alert.model)
    add("sla_seconds", alert.slaSeconds.map(Double.init))
    self.values = values
  }

  package func value(_ name: String) -> Value { values[name] ?? .missing }

  package var id: String {
    if case .text(let id) = value("id") { id } else { "" }
  }

  /// Whether every condition holds, with this much time gone by without anybody taking the alert on.
  package func satisfies(_ conditions: [Predicate], unclaimed: TimeSpan) -> Bool {
    conditions.allSatisfy { condition in
      condition.name == AlertFacts.unclaimed
        ? condition.test.acceptsNumber(unclaimed.seconds)
        : condition.test.accepts(value(condition.name))
    }
  }
}
