import Glibc
import Primitives

/// Finds rows that are few and different: those that random cuts set apart soon (Liu, Ting and Zhou, 2008).
///
/// The score of a row is 2 to the power of −(mean depth at which it stands alone) / (that of an average row): near 1 for a
/// row that a cut or two isolates, about 0.5 for an average one, lower for the crowd. It is no probability. A missing
/// value follows both sides of a cut by the share of rows that took each.
package struct IsolationForest: Sendable, Equatable {
  package struct Options: Sendable {
    package var trees = 100
    /// Rows that each tree is grown from.
    package var sample = 256
    package var seed: UInt64 = 0

    package init(trees: Int = 100, sample: Int = 256, seed: UInt64 = 0) {
      precondition(trees >= 1 && sample >= 2, "a forest has trees, and a tree rows to part")
      self.trees = trees
      self.sample = sample
      self.seed = seed
    }
  }

  struct Node: Sendable, Equatable {
    /// −1 for a leaf.
    var feature: Int32
    var threshold: Float
    var left: Int32 = 0
    var right: Int32 = 0
    /// Of the rows that have a value, the share below the threshold.
    var leftShare: Float = 0
    /// Of the sample, those that came here.
    var rows: Int32 = 0
    /// Of a leaf: its depth and what the rows left in it would add.
    var length = 0.0
  }

  package let columns: Int
  let trees: [[Node]]
  /// The mean depth of an average row among those of a tree.
  let average: Double

  /// - Parameter table: at least two rows; labels play no part. Infinite values count as the largest finite ones.
  package init(_ table: NumericTable, options: Options = Options(), workers: Workers) {
    precondition(table.rows >= 2, "a forest needs two rows to tell apart")
    columns = table.columns
    let sample = min(options.sample, table.rows)
    average = IsolationForest.averageLength(sample)
    var trees = [[Node]](repeating: [], count: options.trees)
    trees.withUnsafeMutableBufferPointer { trees in
      // Each task writes the tree of its own number.
      nonisolated(unsafe) let place = trees
      workers.perform(options.trees) { tree in
        var random = SeededRandom(seed: StableHash.of(options.seed, UInt64(tree)))
        var grower = IsolationGrower(table, sample: sample, random: &random)
        place[tree] = grower.grow(random: &random)
      }
    }
    self.trees = trees
  }

  /// The score of each row of a table with the same columns.
  package func scores(_ table: NumericTable, workers: Workers) -> [Double] {
    precondition(table.columns == columns, "the table has the columns of the forest")
    return [Double](unsafeUninitializedCapacity: table.rows) { target, count in
      // Each task writes the rows of its own chunk.
      nonisolated(unsafe) let scores = target
      table.values.withUnsafeBufferPointer { values in
        nonisolated(unsafe) let values = values
        workers.performChunks(table.rows, of: 512) { chunk in
          for row in chunk {
            scores[row] = score(
              UnsafeBufferPointer(rebasing: values[(row * columns)..<((row + 1) * columns)]))
          }
        }
      }
      count = table.rows
    }
  }

  private func score(_ row: UnsafeBufferPointer<Float>) -> Double {
    var sum = 0.0
    for tree in trees { sum += tree.withUnsafeBufferPointer { length(row, $0, 0) } }
    return exp2(-sum / Double(trees.count) / average)
  }

  private func length(
    _ row: UnsafeBufferPointer<Float>, _ tree: UnsafeBufferPointer<Node>, _ start: Int32
  ) -> Double {
    var place = start
    while true {
      let node = tree[Int(place)]
      if node.feature < 0 { return node.length }
      let value = row[Int(node.feature)]
      if value.isNaN {
        let share = Double(node.leftShare)
        return share * length(row, tree, node.left) + (1 - share) * length(row, tree, node.right)
      }
      place = value < node.threshold ? node.left : node.right
    }
  }

  /// The mean depth of an unsuccessful search in a binary tree of so many rows: 2 H(n − 1) − 2 (n − 1) / n.
  static func averageLength(_ rows: Int) -> Double {
    if rows <= 1 { return 0 }
    if rows == 2 { return 1 }
    let n = Double(rows)
    return 2 * (log(n - 1) + 0.577_215_664_901_532_9) - 2 * (n - 1) / n
  }
}

/// Grows one tree of an isolation forest.
struct IsolationGrower {
  private let table: NumericTable
  private var rows: [Int32]
  private let deepest: Int
  private var nodes: [IsolationForest.Node] = []

  init(_ table: NumericTable, sample: Int, random: inout SeededRandom) {
    self.table = table
    // Floyd's sample without replacement, then in order.
    var chosen: Set<Int32> = []
    for last in (table.rows - sample)..<table.rows {
      let pick = Int32(random.below(last + 1))
      if !chosen.insert(pick).inserted { chosen.insert(Int32(last)) }
    }
    rows = chosen.sorted()
    deepest = Int(log2(Double(sample)).rounded(.up))
  }

  mutating func grow(random: inout SeededRandom) -> [IsolationForest.Node] {
    nodes = []
    _ = grow(0..<rows.count, depth: 0, random: &random)
    return nodes
  }

  private mutating func grow(_ part: Range<Int>, depth: Int, random: inout SeededRandom) -> Int32 {
    let place = Int32(nodes.count)
    nodes.append(IsolationForest.Node(feature: -1, threshold: 0, rows: Int32(part.count)))
    guard part.count > 1, depth < deepest, let cut = cut(part, random: &random) else {
      nodes[Int(place)].length =
        Double(depth) + IsolationForest.averageLength(part.count)
      return place
    }
    let present = part.filter { !value($0, cut.feature).isNaN }
    let below = present.count { value($0, cut.feature) < cut.threshold }
    let share = Float(below) / Float(present.count)
    var middle = part.lowerBound
    for index in part {
      let value = value(index, cut.feature)
      let goesLeft =
        value.isNaN ? random.chance(Double(share)) : value < cut.threshold
      if goesLeft {
        rows.swapAt(index, middle)
        middle += 1
      }
    }
    nodes[Int(place)].feature = Int32(cut.feature)
    nodes[Int(place)].threshold = cut.threshold
    nodes[Int(place)].leftShare = share
    let left = grow(part.lowerBound..<middle, depth: depth + 1, random: &random)
    let right = grow(middle..<part.upperBound, depth: depth + 1, random: &random)
    nodes[Int(place)].left = left
    nodes[Int(place)].right = right
    return place
  }

  private func value(_ index: Int, _ feature: Int) -> Float {
    let value = table.values[Int(rows[index]) * table.columns + feature]
    return min(max(value, -Float.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }

  /// A random cut of a random column on which the rows differ; nothing where they are all alike.
  private func cut(
    _ part: Range<Int>, random: inout SeededRandom
  ) -> (feature: Int, threshold: Float)? {
    let first = random.below(table.columns)
    for offset in 0..<table.columns {
      let feature = (first + offset) % table.columns
      var low = Float.infinity
      var high = -Float.infinity
      for index in part {
        let value = value(index, feature)
        if value.isNaN { continue }
        low = min(low, value)
        high = max(high, value)
      }
      if low >= high { continue }
      // Halves, so that the width of the widest range is finite.
      let share = random.uniform()
      let threshold = Float(Double(low) * (1 - share) + Double(high) * share)
      return (feature, threshold > low ? threshold : high)
    }
    return nil
  }
}
