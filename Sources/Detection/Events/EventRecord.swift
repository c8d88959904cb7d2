package import Primitives

/// One event by itself, its fields by name: for planting attacks, tests and display, not for the stream.
package struct EventRecord: Hashable, Sendable {
  package var time: Timestamp
  package var id: String
  package var source: String
  package var kind: String
  /// Present fields only; a missing one has no entry.
  package var fields: [String: Value]
  /// The field of the event's first entity; missing where it has none.
  package var primaryField: String?
  package var zoneOffsetSeconds: Int32

  package init(
    time: Timestamp, id: String, source: String, kind: String, fields: [String: Value],
    primaryField: String? = nil, zoneOffsetSeconds: Int32 = 0
  ) {
    self.time = time
    self.id = id
    self.source = source
    self.kind = kind
    self.fields = fields
    self.primaryField = primaryField
    self.zoneOffsetSeconds = zoneOffsetSeconds
  }

  /// The text under a field; missing where the field is or holds no text.
  package func text(_ field: String) -> String? {
    if case .text(let text)? = fields[field] { return text }
    return nil
  }

  /// The number under a field, a flag as 0 or 1; missing where the field is or holds a text.
  package func number(_ field: String) -> Double? {
    switch fields[field] {
    case .number(let x)?: x
    case .flag(let x)?: x ? 1 : 0
    default: nil
    }
  }

  package var primaryEntity: (field: String, value: String)? {
    guard let primaryField, let value = text(primaryField) else { return nil }
    return (primaryField, value)
  }
}

extension EventBatch {
  /// One row as a record; flags come back as flags, missing cells have no entry.
  package func record(_ row: Int, interner: Interner) -> EventRecord {
    var values: [String: Value] = [:]
    for field in schema.fields {
      switch field.type {
      case .text:
        let symbol = text(row, field.slot)
        if !symbol.isMissing { values[field.name] = .text(interner.text(of: symbol)) }
      case .number, .flag:
        let x = number(row, field.slot)
        if !x.isNaN { values[field.name] = field.type == .flag ? .flag(x != 0) : .number(x) }
      }
    }
    let slot = primarySlots[row]
    let primary = schema.fields.first { $0.type == .text && $0.slot == Int(slot) }
    return EventRecord(
      time: time(row), id: id(row), source: interner.text(of: sources[row]),
      kind: interner.text(of: kinds[row]), fields: values, primaryField: primary?.name,
      zoneOffsetSeconds: zoneOffsets[row])
  }

  /// Appends a record; fields that the schema lacks, or of another type, are left out. For the filling thread.
  package func append(_ record: EventRecord, interner: Interner) {
    for (name, value) in record.fields {
      guard let field = schema.field(name) else { continue }
      switch (field.type, value) {
      case (.text, .text(let text)): set(text: interner.intern(text), slot: field.slot)
      case (.number, .number(let x)), (.flag, .number(let x)): set(number: x, slot: field.slot)
      case (.flag, .flag(let x)), (.number, .flag(let x)): set(number: x ? 1 : 0, slot: field.slot)
      default: break
      }
    }
    let primary = record.primaryField.flatMap { schema.field($0) }
    let slot = primary?.type == .text ? UInt16(primary!.slot) : EventBatch.noEntity
    var id = record.id
    id.withUTF8 {
      commit(
        time: record.time, zoneOffsetSeconds: record.zoneOffsetSeconds,
        kind: interner.intern(record.kind), source: interner.intern(record.source),
        primarySlot: slot, id: $0)
    }
  }
}
