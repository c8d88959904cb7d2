import Detection
import Primitives

/// Finds the label of an event: by its id, else by an interval of one of its entities. Never more than one.
struct LabelIndex: Sendable {
  private var byEvent: [UInt64: [Label]] = [:]
  private var byEntity: [String: [String: LabelledIntervals]] = [:]
  /// Labels so far that name an entity: the earlier given wins.
  private var given = 0

  init(_ labels: [Label] = []) { add(labels) }

  mutating func add(_ labels: [Label]) {
    var touched: Set<[String]> = []
    for label in labels {
      if label.eventID.isEmpty {
        byEntity[label.entityField, default: [:]][label.entity, default: LabelledIntervals()]
          .add(label, order: given)
        given += 1
        touched.insert([label.entityField, label.entity])
      } else {
        byEvent[StableHash.of(label.eventID.utf8), default: []].append(label)
      }
    }
    for entity in touched { byEntity[entity[0]]?[entity[1]]?.sort() }
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
    var first: (order: Int, label: Label)?
    for (field, labels) in byEntity {
      guard let slot = batch.schema.field(field), slot.type == .text else { continue }
      let value = batch.text(row, slot.slot)
      if value.isMissing { continue }
      guard let hit = labels[interner.text(of: value)]?.first(holding: time) else { continue }
      if hit.order < first?.order ?? .max { first = hit }
    }
    return first?.label
  }
}

/// The intervals of one entity by their start, so that a lookup reads only those that may hold an instant.
private struct LabelledIntervals: Sendable {
  private var entries: [(order: Int, label: Label)] = []
  /// For each entry, the latest end up to it: before the first that lies early, none can hold the instant.
  private var latestEnds: [Timestamp] = []

  mutating func add(_ label: Label, order: Int) { entries.append((order, label)) }

  /// To be called after the last `add`, before the next lookup.
  mutating func sort() {
    entries.sort { ($0.label.start, $0.order) < ($1.label.start, $1.order) }
    latestEnds.removeAll()
    for entry in entries {
      latestEnds.append(max(latestEnds.last ?? .distantPast, entry.label.end))
    }
  }

  func first(holding time: Timestamp) -> (order: Int, label: Label)? {
    var first: (order: Int, label: Label)?
    var place = firstEntry { $0 > time } - 1
    while place >= 0 && latestEnds[place] >= time {
      let entry = entries[place]
      if entry.label.end >= time && entry.order < first?.order ?? .max { first = entry }
      place -= 1
    }
    return first
  }

  /// The first entry whose start passes a test that all later starts pass too.
  private func firstEntry(_ passes: (Timestamp) -> Bool) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if passes(entries[middle].label.start) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
