import Primitives

/// The training rows of a tree's nodes: each node's rows are a range of one of three lists.
///
/// A split reads the node's range of one list and writes the children's rows into the same range of another, so
/// nothing is copied back. List 0 holds the rows that the tree grows on; the rows of a node come in no special order,
/// on which nothing depends.
struct RowLists: ~Copyable {
  /// A node's rows that must be divided between its children.
  struct Division {
    var range: Range<Int>
    var list: Int
    var column: Int
    /// The first of 256 marks in the table of all divisions: 1 where rows of a bin go left.
    var marks: Int
    /// The end of the left child's rows, once divided.
    var middle = 0

    /// The list of the children.
    var target: Int { list == 1 ? 2 : 1 }
  }

  private struct Piece {
    var division: Int
    var range: Range<Int>
    var lefts = 0
    var leftTarget = 0
    var rightTarget = 0
  }

  private(set) var count: Int
  private let lists: UnsafeMutablePointer<UInt32>
  private let capacity: Int
  private static let chunk = 16_384

  init(capacity: Int) {
    self.capacity = capacity
    lists = .allocate(capacity: max(3 * capacity, 1))
    lists.initialize(repeating: 0, count: max(3 * capacity, 1))
    for row in 0..<capacity { lists[row] = UInt32(row) }
    count = capacity
  }

  deinit { lists.deallocate() }

  /// Grows the next tree on the rows that `isIn` takes.
  mutating func sample(_ isIn: (Int) -> Bool) {
    count = 0
    for row in 0..<capacity where isIn(row) {
      lists[count] = UInt32(row)
      count += 1
    }
  }

  func rows(_ list: Int) -> UnsafePointer<UInt32> { UnsafePointer(lists + list * capacity) }

  /// Divides the rows of several nodes at once; large ones in pieces, spread over threads.
  func divide(
    _ divisions: inout [Division], marks: UnsafePointer<UInt8>, matrix: TrainingMatrix,
    workers: Workers
  ) {
    var pieces: [Piece] = []
    for (number, division) in divisions.enumerated() {
      var start = division.range.lowerBound
      while start < division.range.upperBound {
        let end = min(start + RowLists.chunk, division.range.upperBound)
        pieces.append(Piece(division: number, range: start..<end))
        start = end
      }
    }
    let (lists, capacity) = (lists, capacity)
    matrix.columnBins.withUnsafeBufferPointer { bins in
      guard let bins = bins.baseAddress else { return }
      pieces.withUnsafeMutableBufferPointer { pieces in
        let shared = pieces
        divisions.withUnsafeMutableBufferPointer { divisions in
          let divided = divisions
          workers.perform(shared.count) { index in
            let piece = shared[index]
            let division = divided[piece.division]
            let source = UnsafePointer(lists + division.list * capacity)
            let column = bins + division.column * matrix.rows
            if piece.range == division.range {
              divided[piece.division].middle = RowLists.divide(
                piece.range, source, column, marks + division.marks,
                into: lists + division.target * capacity)
              return
            }
            let own = marks + division.marks
            var lefts = 0
            for position in piece.range { lefts &+= Int(own[Int(column[Int(source[position])])]) }
            shared[index].lefts = lefts
          }
          var leftAt = divided.map { $0.range.lowerBound }
          var rightAt = leftAt
          for piece in shared { rightAt[piece.division] += piece.lefts }
          var large: [Int] = []
          for index in shared.indices {
            let piece = shared[index]
            if piece.range == divided[piece.division].range { continue }
            large.append(index)
            if piece.range.lowerBound == divided[piece.division].range.lowerBound {
              divided[piece.division].middle = rightAt[piece.division]
            }
            shared[index].leftTarget = leftAt[piece.division]
            shared[index].rightTarget = rightAt[piece.division]
            leftAt[piece.division] += piece.lefts
            rightAt[piece.division] += piece.range.count - piece.lefts
          }
          workers.perform(large.count) { number in
            let piece = shared[large[number]]
            let division = divided[piece.division]
            let source = UnsafePointer(lists + division.list * capacity)
            let target = lists + division.target * capacity
            let column = bins + division.column * matrix.rows
            let own = marks + division.marks
            var places = (piece.rightTarget, piece.leftTarget)
            for position in piece.range {
              let row = source[position]
              let left = Int(own[Int(column[Int(row)])])
              target[left == 1 ? places.1 : places.0] = row
              places.1 &+= left
              places.0 &+= 1 &- left
            }
          }
        }
      }
    }
  }

  /// Left rows from the start on, right ones from the end backwards; returns where they meet.
  @inline(__always)
  private static func divide(
    _ range: Range<Int>, _ source: UnsafePointer<UInt32>, _ column: UnsafePointer<UInt8>,
    _ marks: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt32>
  ) -> Int {
    var left = range.lowerBound
    var right = range.upperBound &- 1
    for position in range {
      let row = source[position]
      let goesLeft = Int(marks[Int(column[Int(row)])])
      // Both are free; the one that is wrong is overwritten.
      target[left] = row
      target[right] = row
      left &+= goesLeft
      right &-= 1 &- goesLeft
    }
    return left
  }
}
