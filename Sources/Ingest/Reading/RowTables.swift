import Primitives

/// A row plan as flat memory, so that a row costs no reference counting and no checks of bounds.
final class RowTables {
  struct EntityRule {
    var kind: Symbol
    var slots: Range<Int>
  }

  let actions: UnsafeMutablePointer<ColumnAction>
  let valueMaps: UnsafeMutablePointer<SymbolMap>
  private let valueMapCount: Int
  let kindValues: SymbolMap
  /// A kind is taken as it stands in the record.
  let kindsStand: Bool
  let kindDefault: Symbol
  let positives: SymbolMap
  let entityRules: UnsafeMutableBufferPointer<EntityRule>
  let entitySlots: UnsafeMutablePointer<UInt16>
  let otherEntities: Range<Int>
  let required: UnsafeMutableBufferPointer<RowPlan.Required>
  let constants: UnsafeMutableBufferPointer<(slot: Int, value: Symbol)>

  init(_ plan: RowPlan) {
    actions = .allocate(capacity: max(1, plan.actions.count))
    for (index, action) in plan.actions.enumerated() {
      (actions + index).initialize(to: action)
    }
    valueMapCount = plan.valueTables.count
    valueMaps = .allocate(capacity: max(1, valueMapCount))
    for (index, table) in plan.valueTables.enumerated() {
      (valueMaps + index).initialize(to: SymbolMap(table))
    }
    kindValues = SymbolMap(plan.kindValues)
    kindsStand = plan.kindsAreOpen || plan.kindValues.isEmpty
    kindDefault = plan.kindDefault
    positives = SymbolMap(plan.positives.map { ($0, $0) })
    var slots: [UInt16] = []
    func range(_ more: [UInt16]) -> Range<Int> {
      slots += more
      return (slots.count - more.count)..<slots.count
    }
    entityRules = RowTables.copied(
      plan.entitiesByKind.map { EntityRule(kind: $0.kind, slots: range($0.slots)) })
    otherEntities = range(plan.otherEntities)
    entitySlots = .allocate(capacity: max(1, slots.count))
    for (index, slot) in slots.enumerated() { entitySlots[index] = slot }
    required = RowTables.copied(plan.required)
    constants = RowTables.copied(plan.constants)
  }

  deinit {
    for index in 0..<valueMapCount { valueMaps[index].free() }
    kindValues.free()
    positives.free()
    actions.deallocate()
    valueMaps.deallocate()
    entityRules.deallocate()
    entitySlots.deallocate()
    required.deallocate()
    constants.deallocate()
  }

  private static func copied<Element>(_ elements: [Element]) -> UnsafeMutableBufferPointer<Element>
  {
    let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = memory.initialize(from: elements)
    return memory
  }
}
