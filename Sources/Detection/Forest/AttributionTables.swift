/// Attributions of many rows by table: what `TreeSHAP` computes for a row is looked up.
///
/// A tree is cut into groups of neighbouring leaves. All that a group's attributions depend on is how the row decides
/// the splits on the way to the group and inside it, at most eight yes-or-no decisions, so they are computed once for
/// each of up to 256 patterns (the idea of Yang, "Fast TreeSHAP", 2021, version 2, with one table for several leaves).
/// Decisions are made for 16 rows in one comparison. Trees deeper than eight splits have no such tables.
package struct AttributionTables: Sendable {
  /// Rows that one look through all trees explains; a forest's tables are read once for them.
  private static let largestBlock = 512
  /// Rows that are decided by one comparison.
  private static let smallestBlock = 16
  /// Values that all tables together may hold.
  private static let valueLimit = 1 << 25

  private let compiled: CompiledForest
  private let trees: [TreeTables]
  private let layout: TreeTables.Layout
  package let featureCount: Int
  /// The margin of the average training row; with the attributions it sums to the row's margin.
  package let bias: Double

  /// Missing where the forest is too deep or too large for tables.
  ///
  /// - Parameters:
  ///   - isForOneRow: whether rows are asked for one at a time, hardly ever many.
  ///   - perform: runs numbered tasks, in any order.
  package init?(
    _ forest: Forest, isForOneRow: Bool = false, perform: (Int, (Int) -> Void) -> Void
  ) {
    guard let compiled = forest.compiled,
      forest.depths.allSatisfy({ $0 <= TreeTables.patternBits })
    else { return nil }
    let size = forest.nodes.count * 8 * 64
    guard size <= AttributionTables.valueLimit else { return nil }
    let layout: TreeTables.Layout = isForOneRow ? .byPattern : .byFeature
    var trees = [TreeTables](repeating: TreeTables(), count: forest.treeCount)
    trees.withUnsafeMutableBufferPointer { trees in
      perform(trees.count) { number in
        trees[number] = TreeTables(number, in: forest, compiled, layout)
      }
    }
    self.compiled = compiled
    self.trees = trees
    self.layout = layout
    featureCount = forest.featureCount
    bias = trees.reduce(forest.baseMargin) { $0 + $1.expected }
  }

  // MARK: looking up

  /// Writes `featureCount` attributions a row, rows `stride` values apart.
  package func attribute(
    _ rows: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Double>, stride: Int
  ) {
    if layout == .byPattern {
      for row in 0..<count { attribute(rows + row * featureCount, into: target + row * stride) }
      return
    }
    let block =
      count <= AttributionTables.smallestBlock
      ? AttributionTables.smallestBlock : AttributionTables.largestBlock
    let planes = compiled.planeCount + 1
    withUnsafeTemporaryAllocation(
      byteCount: (planes + 1) * block + featureCount * block * 8, alignment: 64
    ) { memory in
      guard let start = memory.baseAddress else { return }
      let cells = start.initializeMemory(as: Int8.self, repeating: 0, count: planes * block)
      let patterns = (start + planes * block).initializeMemory(
        as: UInt8.self, repeating: 0, count: block)
      // Feature after feature, so that a table is added to neighbouring sums.
      let sums = (start + (planes + 1) * block).initializeMemory(
        as: Double.self, repeating: 0, count: featureCount * block)
      var first = 0
      while first < count {
        let size = min(block, count - first)
        let own = rows + first * featureCount
        compiled.look(
          size, { own[$0 &* featureCount &+ $1] }, into: cells, block: block)
        compiled.categories.look(
          own, count: size, stride: featureCount, into: cells, block: block)
        sums.update(repeating: 0, count: featureCount * block)
        for tree in trees { add(tree, cells, patterns, size, sums, block) }
        for row in 0..<size {
          let attributions = target + (first + row) * stride
          for feature in 0..<featureCount { attributions[feature] = sums[feature &* block &+ row] }
        }
        first += size
      }
    }
  }

  @inline(__always)
  private func add(
    _ tree: TreeTables, _ cells: UnsafeMutablePointer<Int8>,
    _ patterns: UnsafeMutablePointer<UInt8>,
    _ count: Int, _ sums: UnsafeMutablePointer<Double>, _ block: Int
  ) {
    let vectors = (count + 15) / 16
    let planes = UnsafeRawPointer(cells)
    let lanes = UnsafeMutableRawPointer(patterns).assumingMemoryBound(to: SIMD16<Int8>.self)
    tree.tests.withUnsafeBufferPointer { tests in
      tree.columns.withUnsafeBufferPointer { columns in
        tree.values.withUnsafeBufferPointer { values in
          guard let base = values.baseAddress else { return }
          for group in tree.groups {
            for lane in 0..<vectors { lanes[lane] = .zero }
            var bit: Int8 = 1
            for test in tests[group.tests] {
              let source = (planes + Int(test.plane) &* block).assumingMemoryBound(
                to: SIMD16<Int8>.self)
              let threshold = SIMD16(repeating: test.threshold)
              let mark = SIMD16(repeating: bit)
              for lane in 0..<vectors {
                // A mask and its lanes are the same bits; there is no other way from one to the other.
                let above = unsafeBitCast(source[lane] .> threshold, to: SIMD16<Int8>.self)
                lanes[lane] |= above & mark
              }
              bit = bit &<< 1
            }
            for column in columns[group.columns] {
              let table = base + Int(column.values)
              let sum = sums + Int(column.feature) &* block
              for row in 0..<count { sum[row] += Double(table[Int(patterns[row])]) }
            }
          }
        }
      }
    }
  }

  /// One row, from tables that lie by pattern: the same sums in the same order, to the last bit.
  private func attribute(_ row: UnsafePointer<Float>, into target: UnsafeMutablePointer<Double>) {
    target.update(repeating: 0, count: featureCount)
    withUnsafeTemporaryAllocation(of: Int8.self, capacity: compiled.planeCount + 1) { cells in
      guard let cells = cells.baseAddress else { return }
      cells.initialize(repeating: 0, count: compiled.planeCount + 1)
      compiled.look({ row[$0] }, into: cells)
      compiled.categories.look(row, into: cells)
      for tree in trees { add(tree, cells, to: target) }
    }
  }

  @inline(__always)
  private func add(
    _ tree: TreeTables, _ cells: UnsafeMutablePointer<Int8>,
    to sums: UnsafeMutablePointer<Double>
  ) {
    tree.tests.withUnsafeBufferPointer { tests in
      tree.columns.withUnsafeBufferPointer { columns in
        tree.values.withUnsafeBufferPointer { values in
          guard let base = values.baseAddress else { return }
          for group in tree.groups where !group.columns.isEmpty {
            var pattern = 0
            var bit = 1
            for test in tests[group.tests] {
              pattern |= cells[Int(test.plane)] > test.threshold ? bit : 0
              bit &<<= 1
            }
            let first = group.columns.lowerBound
            let own = base + Int(columns[first].values) + pattern &* group.columns.count
            for column in group.columns {
              sums[Int(columns[column].feature)] += Double(own[column &- first])
            }
          }
        }
      }
    }
  }
}
