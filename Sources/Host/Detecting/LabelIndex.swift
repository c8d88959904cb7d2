import Detection
import Primitives

/// Finds the label of an event: by its id, else by an interval of one of its entities. Never more than one.
struct LabelIndex: Sendable {
  private var byEvent: [UInt64: [Label]] = [:]
  private var byEntity: [String: [String: [Label]]] = [:]

  init(_ labels: [Label] = []) { add(labels) }

  var isEmpty: Bool { byEvent.isEmpty && byEntity.isEmpty }

  mutating func add(_ labels: [Label]) {
    for label in labels {
      if label.eventID.isEmpty {
        byEntity[label.entityField, default: [:]][label.entity, default: []].append(label)
      } else {
        byEvent[StableHash.of(label.eventID.utf8), default: []].append(label)
      }
    }
  }

  /// The label of a row; where several intervals hold it, the first given.
  func label(of row: Int, in batch: EventBatch, interner: Interner) -> Label? {
    if !byEvent.isEmpty {
      let found = batch.withID(row) { id in
        byEvent[StableHash.of(id)]?.first { $0.eventID.utf8.elementsEqual(id) }
      }
      if let found { return found }
    }
    let time = batch.time(row)
    for (field, labels) in byEntity {
      guard let slot = batch.schema.field(field), slot.type == .text else { continue }
      let value = batch.text(row, slot.slot)
      if value.isMissing { continue }
      let hit = labels[interner.text(of: value)]?.first { $0.start <= time && time <= $0.end }
      if let hit { return hit }
    }
    return nil
  }
}
