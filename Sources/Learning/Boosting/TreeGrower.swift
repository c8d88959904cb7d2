import Detection

/// A tree as it comes from training, with what is needed to apply it to binned rows.
struct GrownTree {
  var tree = DecisionTree()
  /// Present values up to this bin go left, by node.
  var splitBins: [UInt8] = []
  /// The rows that ended in each leaf, as ranges of `partition.rows`.
  var leaves: [(range: Range<Int>, node: Int)] = []
  var partition: RowPartition

  /// The leaf value of a binned row.
  @inline(__always)
  func value(_ cells: UnsafePointer<UInt8>) -> Float {
    var node = 0
    while tree.lefts[node] >= 0 {
      let bin = cells[tree.features[node]]
      let goesLeft = bin == 0 ? tree.missingLeft[node] : bin <= splitBins[node]
      node = goesLeft ? tree.lefts[node] : tree.rights[node]
    }
    return tree.values[node]
  }
}

/// Grows one tree, level by level.
///
/// On each level the histogram of the smaller child of every pair is built from its rows and that of the larger one is
/// what is left of the parent's. Tasks are (pair of nodes) × (block of features) and write nothing in common; sums are
/// whole numbers, so the tree does not depend on the number of threads or on how blocks are cut.
struct TreeGrower {
  private struct OpenNode {
    var id: Int
    var range: Range<Int>
    var sums: GradientSums
    var slot: Int
  }

  /// Two children of one parent, or the root alone.
  private struct Family {
    var built: OpenNode
    var derived: OpenNode?
  }

  let matrix: TrainingMatrix
  let options: BoostingOptions
  let workers: Workers
  private let offsets: [Int32]
  private let blocks: [Range<Int>]
  private var slots: [HistogramSlot] = []

  /// The bins of one node; freed with the grower.
  private final class HistogramSlot {
    let sums: UnsafeMutablePointer<GradientSums>
    init(bins: Int) {
      sums = .allocate(capacity: bins)
      sums.initialize(repeating: .zero, count: bins)
    }
    deinit { sums.deallocate() }
  }

  init(matrix: TrainingMatrix, options: BoostingOptions, workers: Workers) {
    self.matrix = matrix
    self.options = options
    self.workers = workers
    var offsets: [Int32] = [0]
    for column in 0..<matrix.columns {
      offsets.append(offsets[column] + Int32(matrix.binner.binCount(column)))
    }
    self.offsets = offsets
    // 16 features of 256 bins are 32 KiB of packed sums, a first-level cache.
    let width = max(4, min(16, (matrix.columns + workers.threads - 1) / workers.threads))
    blocks = stride(from: 0, to: matrix.columns, by: width).map {
      $0..<min($0 + width, matrix.columns)
    }
  }

  mutating func grow(
    _ gradients: Gradients, isIn: ((Int) -> Bool)?, takes column: [Bool]
  ) -> GrownTree {
    let finder = SplitFinder(
      lambda: options.lambda, alpha: options.alpha, minChildWeight: options.minChildWeight,
      gradientStep: gradients.gradientStep, hessianStep: gradients.hessianStep)
    var grown = GrownTree(partition: RowPartition(count: matrix.rows, isIn: isIn))
    grown.tree.appendLeaf(value: 0, cover: 0)
    let all = 0..<grown.partition.rows.count
    let total = gradients.sums(grown.partition.rows)
    grown.tree.covers[0] = Float(Double(total.y) * gradients.hessianStep)
    var used = 0
    func slot(_ slots: inout [HistogramSlot]) -> Int {
      if used == slots.count { slots.append(HistogramSlot(bins: Int(offsets[matrix.columns]))) }
      used += 1
      return used - 1
    }
    var sums = [total]
    var families = [
      Family(built: OpenNode(id: 0, range: all, sums: total, slot: slot(&slots)), derived: nil)
    ]
    grown.splitBins = [0]
    for depth in 0..<options.depth {
      let found = search(families, gradients, grown.partition, finder, column)
      var next: [Family] = []
      var divisions: [RowPartition.Division] = []
      var parents: [(node: OpenNode, split: SplitCandidate)] = []
      for (node, split) in found {
        guard split.column >= 0, split.gain > max(options.gamma, SplitFinder.leastGain) else {
          grown.leaves.append((node.range, node.id))
          continue
        }
        parents.append((node, split))
        divisions.append(
          RowPartition.Division(
            range: node.range, column: split.column, bin: UInt8(split.bin),
            missingLeft: split.missingLeft))
      }
      if parents.isEmpty {
        families = []
        break
      }
      grown.partition.divide(&divisions, matrix: matrix, workers: workers)
      for ((node, split), division) in zip(parents, divisions) {
        let right = node.sums &- split.left
        let id = grown.tree.split(
          node.id, feature: split.column, threshold: threshold(split),
          missingLeft: split.missingLeft, gain: Float(split.gain),
          leftCover: Float(Double(split.left.y) * gradients.hessianStep),
          rightCover: Float(Double(right.y) * gradients.hessianStep))
        grown.splitBins[node.id] = UInt8(split.bin)
        grown.splitBins += [0, 0]
        sums += [split.left, right]
        var children = [
          OpenNode(
            id: id, range: node.range.lowerBound..<division.middle, sums: split.left, slot: 0),
          OpenNode(
            id: id + 1, range: division.middle..<node.range.upperBound, sums: right, slot: 0),
        ]
        if depth == options.depth - 1 {
          grown.leaves += children.map { ($0.range, $0.id) }
          continue
        }
        if children[0].range.count > children[1].range.count { children.swapAt(0, 1) }
        children[0].slot = slot(&slots)
        children[1].slot = node.slot
        next.append(Family(built: children[0], derived: children[1]))
      }
      families = next
    }
    for (_, node) in grown.leaves {
      grown.tree.values[node] = Float(finder.weight(sums[node]) * options.learningRate)
    }
    return grown
  }

  /// A row goes left below this value.
  private func threshold(_ split: SplitCandidate) -> Float {
    let cuts = matrix.binner.cuts(of: split.column)
    let index = cuts.startIndex + split.bin - 1
    return index < cuts.endIndex ? cuts[index] : .greatestFiniteMagnitude
  }

  /// Builds the histograms of a level and finds the best split of each of its nodes.
  private func search(
    _ families: [Family], _ gradients: Gradients, _ partition: RowPartition, _ finder: SplitFinder,
    _ takes: [Bool]
  ) -> [(OpenNode, SplitCandidate)] {
    let blockCount = blocks.count
    let empty = (SplitCandidate(), SplitCandidate())
    var results = [(built: SplitCandidate, derived: SplitCandidate)](
      repeating: empty, count: families.count * blockCount)
    results.withUnsafeMutableBufferPointer { results in
      workers.perform(results.count) { task in
        let family = families[task / blockCount]
        let columns = blocks[task % blockCount]
        let origin = Int(offsets[columns.lowerBound])
        let size = Int(offsets[columns.upperBound]) - origin
        let target = slots[family.built.slot].sums + origin
        build(family.built.range, columns, gradients, partition, target)
        best(family.built.sums, target, columns, finder, takes, &results[task].built)
        guard let derived = family.derived else { return }
        let rest = slots[derived.slot].sums + origin
        for bin in 0..<size { rest[bin] &-= target[bin] }
        best(derived.sums, rest, columns, finder, takes, &results[task].derived)
      }
    }
    var found: [(OpenNode, SplitCandidate)] = []
    for (number, family) in families.enumerated() {
      var built = SplitCandidate()
      var derived = SplitCandidate()
      for block in 0..<blockCount {
        let result = results[number * blockCount + block]
        if result.built.gain > built.gain { built = result.built }
        if result.derived.gain > derived.gain { derived = result.derived }
      }
      found.append((family.built, built))
      if let node = family.derived { found.append((node, derived)) }
    }
    return found
  }

  private func build(
    _ range: Range<Int>, _ columns: Range<Int>, _ gradients: Gradients, _ partition: RowPartition,
    _ target: UnsafeMutablePointer<GradientSums>
  ) {
    let size = Int(offsets[columns.upperBound] - offsets[columns.lowerBound])
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: size) { scratch in
      partition.rows.withUnsafeBufferPointer { rows in
        matrix.bins.withUnsafeBufferPointer { bins in
          offsets.withUnsafeBufferPointer { offsets in
            gradients.packed.withUnsafeBufferPointer { packed in
              guard let bins = bins.baseAddress, let offsets = offsets.baseAddress,
                let packed = packed.baseAddress, let scratch = scratch.baseAddress
              else { return }
              GradientHistogram.build(
                rows: UnsafeBufferPointer(rebasing: rows[range]), bins: bins,
                rowStride: matrix.columns, columns: columns, offsets: offsets,
                derivatives: packed, scratch: scratch, target: target)
            }
          }
        }
      }
    }
  }

  private func best(
    _ total: GradientSums, _ bins: UnsafePointer<GradientSums>, _ columns: Range<Int>,
    _ finder: SplitFinder, _ takes: [Bool], _ best: inout SplitCandidate
  ) {
    let origin = Int(offsets[columns.lowerBound])
    let parentScore = finder.score(total)
    for column in columns where takes[column] {
      finder.scan(
        bins + (Int(offsets[column]) - origin), count: matrix.binner.binCount(column),
        column: column, total: total, parentScore: parentScore,
        splitsPresence: !matrix.binner.reachesInfinity[column], into: &best)
    }
  }
}
