package import Detection
package import Primitives

/// An event whose fields are read one by one while a rule judges it.
package protocol JudgedEvent {
  var time: Timestamp { get }
  var id: String { get }
  var kind: String { get }
  var source: String { get }
  /// Missing where the event has no such field.
  func value(of field: String) -> Value
}

extension EventRecord: JudgedEvent {
  package func value(of field: String) -> Value { fields[field] ?? .missing }
}

/// One row of a batch as rules see it.
package struct BatchRow: JudgedEvent {
  package let batch: EventBatch
  package let row: Int
  package let interner: Interner

  package init(batch: EventBatch, row: Int, interner: Interner) {
    self.batch = batch
    self.row = row
    self.interner = interner
  }

  package var time: Timestamp { batch.time(row) }
  package var id: String { batch.id(row) }
  package var kind: String { interner.text(of: batch.kinds[row]) }
  package var source: String { interner.text(of: batch.sources[row]) }

  package func value(of field: String) -> Value {
    guard let field = batch.schema.field(field) else { return .missing }
    if field.type == .text {
      let symbol = batch.text(row, field.slot)
      return symbol.isMissing ? .missing : .text(interner.text(of: symbol))
    }
    let x = batch.number(row, field.slot)
    if x.isNaN { return .missing }
    return field.type == .flag ? .flag(x != 0) : .number(x)
  }
}

/// Fills a rule's sentence with the values at hand.
enum RuleMessage {
  /// What every event has beside its fields.
  static let eventNames: Set<String> = ["kind", "source", "time", "id"]

  static func text(_ value: Value) -> String {
    switch value {
    case .missing: "(missing)"
    case .number(let x): Figures.text(x)
    case .flag(let x): x ? "yes" : "no"
    case .text(let text): printable(text, limit: 200)
    }
  }

  static func filled(
    _ template: MessageTemplate, event: some JudgedEvent, feature: (String) -> Double?
  ) -> String {
    template.filled { name in
      if let x = feature(name) { return Figures.text(x) }
      switch name {
      case "kind": return printable(event.kind, limit: 200)
      case "source": return printable(event.source, limit: 200)
      case "time": return event.time.description
      case "id": return printable(event.id, limit: 200)
      default: return text(event.value(of: name))
      }
    }
  }
}
