import Detection
import Primitives

/// A mapping made ready for one schema: names to actions, and everything that a row needs besides its columns.
struct RowPlan {
  struct Required {
    var slot: Int
    var isText: Bool
    /// The place of its column's name in `requiredNames`.
    var name: Int
  }
  struct Entities {
    var kind: Symbol
    var slots: [UInt16]
  }
  /// What events of a kind get in a text field: a value, or that of another slot.
  struct Setting {
    var kind: Symbol
    var slot: Int
    var value: Symbol
    var from: Int?
  }
  /// What events of a kind become by the text in a slot.
  struct Split {
    var kind: Symbol
    var slot: Int
    var kinds: [(value: Symbol, kind: Symbol)]
  }
  struct Combination {
    var slot: Int
    var columns: [String]
  }

  /// The name of the column, key or capture that an action is for.
  func name(ofAction index: Int) -> String {
    ranges.firstIndex { $0.contains(index) }.map { names[$0] } ?? ""
  }

  /// Column, key or capture name → actions.
  private(set) var names: [String] = []
  private(set) var ranges: [Range<Int>] = []
  private(set) var actions: [ColumnAction] = []
  private(set) var valueTables: [[(key: Symbol, value: Symbol)]] = []
  private(set) var kindValues: [(key: Symbol, value: Symbol)] = []
  private(set) var kindsAreOpen = false
  private(set) var kindDefault = Symbol.missing
  private(set) var constants: [(slot: Int, value: Symbol)] = []
  private(set) var kindSettings: [Setting] = []
  private(set) var kindSplits: [Split] = []
  private(set) var required: [Required] = []
  private(set) var requiredNames: [String] = []
  private(set) var entitiesByKind: [Entities] = []
  private(set) var otherEntities: [UInt16] = []
  private(set) var combinations: [Combination] = []
  private(set) var fileSlot: Int?
  private(set) var positives: [Symbol] = []

  /// The plan for records as the source itself writes them.
  static func native(
    _ mapping: SourceMapping, discovered: [Discovery.Found], _ schema: Schema,
    _ interner: Interner
  ) -> RowPlan {
    var plan = RowPlan(mapping, schema, interner)
    var builder: [(name: String, action: ColumnAction)] = []
    for (rank, name) in mapping.timeColumns.enumerated() {
      builder.append((name, ColumnAction(role: .time, rank: Int32(rank))))
    }
    for (rank, name) in mapping.eventIDColumns.enumerated() {
      builder.append((name, ColumnAction(role: .id, rank: Int32(rank))))
    }
    switch mapping.kind {
    case .constant(let kind): plan.kindDefault = interner.intern(kind)
    case .column(let columns, let values, let otherwise):
      for (rank, name) in columns.enumerated() {
        builder.append((name, ColumnAction(role: .kind, rank: Int32(rank))))
      }
      plan.kindsAreOpen = values.isEmpty
      for (raw, kind) in values {
        plan.kindValues.append((interner.intern(raw), interner.intern(kind)))
      }
      if let otherwise { plan.kindDefault = interner.intern(otherwise) }
    }
    if mapping.discovers { builder.append(("source", ColumnAction(role: .source))) }
    builder += plan.fieldActions(mapping.columns, schema, interner)
    builder += discovered.compactMap { found in
      schema.field(found.field).map { (found.path, RowPlan.action($0)) }
    }
    for combination in mapping.combinations {
      if let field = schema.field(combination.field), field.type == .text {
        plan.combinations.append(
          Combination(slot: field.slot, columns: combination.columns))
      }
    }
    for (name, value) in mapping.constants.sorted(by: { $0.key < $1.key }) {
      if let field = schema.field(name), field.type == .text {
        plan.constants.append((field.slot, interner.intern(value)))
      }
    }
    plan.readSettings(mapping, schema, interner)
    if let name = mapping.fileField, let field = schema.field(name), field.type == .text {
      plan.fileSlot = field.slot
    }
    plan.close(builder + plan.truthActions(mapping, interner))
    return plan
  }

  /// The plan for Moonwatch's own event lines of this source.
  static func canonical(
    _ mapping: SourceMapping, discovered: [Discovery.Found], _ schema: Schema,
    _ interner: Interner
  ) -> RowPlan {
    var plan = RowPlan(mapping, schema, interner)
    plan.kindsAreOpen = true
    var builder: [(name: String, action: ColumnAction)] = [
      ("time", ColumnAction(role: .time)), ("id", ColumnAction(role: .id)),
      ("kind", ColumnAction(role: .kind)), ("source", ColumnAction(role: .source)),
    ]
    for field in mapping.fields {
      if let known = schema.field(field.name) {
        builder.append((field.name, action(known)))
      }
    }
    builder += discovered.compactMap { found in
      schema.field(found.field).map { (found.path, RowPlan.action($0)) }
    }
    plan.close(builder + plan.truthActions(mapping, interner))
    return plan
  }

  private init(_ mapping: SourceMapping, _ schema: Schema, _ interner: Interner) {
    func slots(_ names: [String]) -> [UInt16] {
      names.compactMap { name in
        guard let field = schema.field(name), field.type == .text else { return nil }
        return UInt16(exactly: field.slot)
      }
    }
    otherEntities = slots(mapping.entities.others)
    entitiesByKind = mapping.entities.byKind.map {
      Entities(kind: interner.intern($0.key), slots: slots($0.value))
    }
  }

  private mutating func fieldActions(
    _ columns: [SourceMapping.Column], _ schema: Schema, _ interner: Interner
  ) -> [(name: String, action: ColumnAction)] {
    columns.compactMap { column in
      guard let field = schema.field(column.field), field.type == column.type else { return nil }
      var action = RowPlan.action(field)
      action.isRequired = column.isRequired
      if column.isRequired {
        required.append(
          Required(
            slot: field.slot, isText: field.type == .text, name: requiredNames.count))
        requiredNames.append(column.name)
      }
      if !column.values.isEmpty {
        action.values = Int32(valueTables.count)
        valueTables.append(
          column.values.map { (interner.intern($0.key), interner.intern($0.value)) })
      }
      return (column.name, action)
    }
  }

  private mutating func readSettings(
    _ mapping: SourceMapping, _ schema: Schema, _ interner: Interner
  ) {
    func slot(_ name: String) -> Int? {
      schema.field(name).flatMap { $0.type == .text ? $0.slot : nil }
    }
    for (kind, settings) in mapping.kindSettings.sorted(by: { $0.key < $1.key }) {
      for (name, setting) in settings.sorted(by: { $0.key < $1.key }) {
        guard let target = slot(name) else { continue }
        var made = Setting(kind: interner.intern(kind), slot: target, value: .missing)
        switch setting {
        case .constant(let text): made.value = interner.intern(text)
        case .field(let other):
          guard let from = slot(other) else { continue }
          made.from = from
        }
        kindSettings.append(made)
      }
    }
    for (kind, split) in mapping.kindSplits.sorted(by: { $0.key < $1.key }) {
      guard let slot = slot(split.field) else { continue }
      kindSplits.append(
        Split(
          kind: interner.intern(kind), slot: slot,
          kinds: split.kinds.sorted { $0.key < $1.key }.map {
            (interner.intern($0.key), interner.intern($0.value))
          }))
    }
  }

  private mutating func truthActions(
    _ mapping: SourceMapping, _ interner: Interner
  ) -> [(name: String, action: ColumnAction)] {
    guard let truth = mapping.truth else { return [] }
    positives = truth.positive.map { interner.intern($0) }
    return truth.columns.enumerated().map {
      ($1, ColumnAction(role: .truth, rank: Int32($0)))
    }
      + truth.nameColumns.enumerated().map {
        ($1, ColumnAction(role: .truthName, rank: Int32($0)))
      }
  }

  private static func action(_ field: Schema.Field) -> ColumnAction {
    let role: ColumnAction.Role =
      switch field.type {
      case .number: .number
      case .flag: .flag
      case .text: .text
      }
    return ColumnAction(role: role, slot: field.slot)
  }

  private mutating func close(_ builder: [(name: String, action: ColumnAction)]) {
    var order: [String: Int] = [:]
    var grouped: [[ColumnAction]] = []
    for (name, action) in builder {
      if let place = order[name] {
        grouped[place].append(action)
      } else {
        order[name] = grouped.count
        names.append(name)
        grouped.append([action])
      }
    }
    for group in grouped {
      ranges.append(actions.count..<actions.count + group.count)
      actions += group
    }
  }
}
