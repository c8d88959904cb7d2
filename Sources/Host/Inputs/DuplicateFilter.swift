import Detection
import Primitives

/// Drops events whose id was seen among the last 131,072 ids of its source, and counts them.
///
/// Remembers 64 bits of each id: the chance that it takes two different ids among them for one is 1 in 10 to the 14.
final class DuplicateFilter: @unchecked Sendable {
  // Unchecked because the reading thread alone uses it; `dropped` is read after the reading has ended.
  private static let remembered = 1 << 17
  private var seen: Set<UInt64> = []
  private var order: [UInt64] = []
  private var next = 0
  private(set) var dropped = 0

  func clean(_ batch: EventBatch) {
    var rows: [Int] = []
    for row in 0..<batch.count {
      let source = UInt64(batch.sources[row].rawValue)
      let hash = batch.withID(row) { StableHash.of($0, seed: source) }
      if seen.insert(hash).inserted { remember(hash) } else { rows.append(row) }
    }
    if rows.isEmpty { return }
    dropped += rows.count
    batch.remove(rows)
  }

  private func remember(_ hash: UInt64) {
    if order.count < DuplicateFilter.remembered {
      order.append(hash)
      return
    }
    seen.remove(order[next])
    order[next] = hash
    next = (next + 1) % DuplicateFilter.remembered
  }

  /// The ids that are remembered, the oldest first, and how many events were dropped.
  func encode(_ writer: inout StateWriter) {
    writer.count(dropped)
    writer.count(order.count)
    for place in order.indices { writer.fixed(order[(next + place) % order.count]) }
  }

  /// Takes over what `encode` wrote.
  func decode(_ reader: inout StateReader) throws(StateDamage) {
    dropped = try reader.size(upTo: .max)
    order = []
    next = 0
    for _ in 0..<(try reader.count(each: 8)) { order.append(try reader.fixed()) }
    guard order.count <= DuplicateFilter.remembered else {
      throw StateDamage(what: "it remembers more event ids than it may")
    }
    seen = Set(order)
  }
}
