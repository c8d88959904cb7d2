package import Primitives

/// Rows cut into blocks of time: each fold learns from what lies before a block and is judged on the block.
///
/// Nothing of the block is known before it: rows that lie within the gap before it are left out, an incident that reaches
/// into it is not learned from and one that began before it is not judged on. Where it is known whose row each is, a
/// part of the entities is held out of the learning, and the block is judged on their rows alone, so that what was
/// learned of an entity cannot stand for what was learned of attacks.
package struct TimeFolds: Sendable {
  package struct Fold: Sendable, Equatable {
    package var train: [Int]
    package var validation: [Int]
  }

  /// A third of the entities is held out, another one in each fold of three.
  private static let entityParts: UInt64 = 3
  /// The gap of rows without times: this share of all.
  private static let gapShare = 0.01

  package let folds: [Fold]

  /// - Parameters:
  ///   - rows: in order of time.
  ///   - times: of each row, with the gap in which rows are left out; without, one row in a hundred of all is.
  ///   - entities: of each row, a hash of the entity that it belongs to.
  ///   - incidents: of each row, where it belongs to one.
  package init(
    rows: Int, folds count: Int, times: (of: [Timestamp], gap: TimeSpan)? = nil,
    entities: [UInt64]? = nil, incidents: [Int?]? = nil
  ) {
    precondition(count >= 1, "there is a fold")
    precondition(times.map { $0.of.count == rows } ?? true, "every row has a time")
    precondition(entities.map { $0.count == rows } ?? true, "every row has an entity")
    precondition(incidents.map { $0.count == rows } ?? true, "every row has an incident or none")
    var first: [Int: Int] = [:]
    var last: [Int: Int] = [:]
    for row in 0..<rows {
      guard let incident = incidents?[row] else { continue }
      if first[incident] == nil { first[incident] = row }
      last[incident] = row
    }
    folds = (1...count).compactMap { number in
      let start = rows * number / (count + 1)
      let end = rows * (number + 1) / (count + 1)
      if start == 0 || start == end { return nil }
      func isHeldOut(_ row: Int) -> Bool {
        guard let entities else { return true }
        return StableHash.of(entities[row], 0) % TimeFolds.entityParts
          == UInt64(number) % TimeFolds.entityParts
      }
      func isBeforeGap(_ row: Int) -> Bool {
        guard let times else { return row < start - Int(Double(rows) * TimeFolds.gapShare) }
        return times.of[row] < times.of[start] - times.gap
      }
      return Fold(
        train: (0..<start).filter { row in
          isBeforeGap(row) && (entities == nil || !isHeldOut(row))
            && incidents?[row].flatMap { last[$0] }.map { $0 < start } ?? true
        },
        validation: (start..<end).filter { row in
          isHeldOut(row) && incidents?[row].flatMap { first[$0] }.map { $0 >= start } ?? true
        })
    }
  }
}
