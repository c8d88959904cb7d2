/// The training rows of a tree in one list in which every node's rows lie together; splitting keeps their order.
struct RowPartition {
  /// A node's rows that must be divided between its children.
  struct Division {
    var range: Range<Int>
    var column: Int
    var bin: UInt8
    var missingLeft: Bool
    /// The end of the left child's rows, once divided.
    var middle = 0
  }

  private(set) var rows: [UInt32]
  private var other: [UInt32]
  private static let chunk = 8192

  /// All rows, or those that `isIn` takes.
  init(count: Int, isIn: ((Int) -> Bool)?) {
    if let isIn {
      rows = (0..<count).filter(isIn).map { UInt32($0) }
    } else {
      rows = (0..<count).map { UInt32($0) }
    }
    other = rows
  }

  /// Divides the rows of several nodes at once, in chunks spread over threads.
  mutating func divide(
    _ divisions: inout [Division], matrix: TrainingMatrix, workers: Workers
  ) {
    struct Piece {
      var division: Int
      var range: Range<Int>
      var lefts = 0
      var leftTarget = 0
      var rightTarget = 0
    }
    var pieces: [Piece] = []
    for (number, division) in divisions.enumerated() {
      var start = division.range.lowerBound
      while start < division.range.upperBound {
        let end = min(start + RowPartition.chunk, division.range.upperBound)
        pieces.append(Piece(division: number, range: start..<end))
        start = end
      }
    }
    let stride = matrix.columns
    rows.withUnsafeMutableBufferPointer { rows in
      other.withUnsafeMutableBufferPointer { other in
        matrix.bins.withUnsafeBufferPointer { bins in
          pieces.withUnsafeMutableBufferPointer { pieces in
            let shared = pieces
            divisions.withUnsafeBufferPointer { divisions in
              workers.perform(shared.count) { index in
                let piece = shared[index]
                let division = divisions[piece.division]
                var left = piece.range.lowerBound
                var right = piece.range.upperBound - 1
                for position in piece.range {
                  let row = rows[position]
                  let bin = bins[Int(row) &* stride &+ division.column]
                  let goesLeft = bin == 0 ? division.missingLeft : bin <= division.bin
                  other[goesLeft ? left : right] = row
                  left &+= goesLeft ? 1 : 0
                  right &-= goesLeft ? 0 : 1
                }
                shared[index].lefts = left - piece.range.lowerBound
              }
            }
            var lefts = [Int](repeating: 0, count: divisions.count)
            for piece in shared { lefts[piece.division] += piece.lefts }
            var leftAt = divisions.map { $0.range.lowerBound }
            var rightAt = leftAt
            for number in divisions.indices {
              rightAt[number] += lefts[number]
              divisions[number].middle = rightAt[number]
            }
            for index in shared.indices {
              let piece = shared[index]
              shared[index].leftTarget = leftAt[piece.division]
              shared[index].rightTarget = rightAt[piece.division]
              leftAt[piece.division] += piece.lefts
              rightAt[piece.division] += piece.range.count - piece.lefts
            }
            workers.perform(shared.count) { index in
              let piece = shared[index]
              var target = piece.leftTarget
              for position in piece.range.prefix(piece.lefts) {
                rows[target] = other[position]
                target += 1
              }
              // The right part was written from its end backwards.
              target = piece.rightTarget
              for position in piece.range.dropFirst(piece.lefts).reversed() {
                rows[target] = other[position]
                target += 1
              }
            }
          }
        }
      }
    }
  }
}
