import Detection

/// Grows one tree, level by level or leaf by leaf.
///
/// The histogram of the smaller child of every pair is built from its rows and that of the larger one is what is left of
/// the parent's. Tasks are (pair of nodes) × (block of features) and write nothing in common; sums are whole numbers,
/// so the tree does not depend on the number of threads or on how blocks are cut.
struct TreeGrower: ~Copyable {
  private struct OpenNode {
    var id: Int
    var range: Range<Int>
    var list: Int
    var sums: GradientSums
    var slot: Int
    var depth: Int
    var bounds: LeafBounds
  }

  /// A node with the best way to split it.
  private struct Candidate {
    var node: OpenNode
    var split: SplitCandidate
  }

  /// What is known of the tree that is growing.
  private struct Growth {
    var grown = GrownTree()
    /// By node.
    var sums: [GradientSums] = []
    var bounds: [LeafBounds] = []
    let gradients: Gradients
    let finder: SplitFinder
    let takes: [Bool]
    var freeSlots: [Int]
  }

  /// Two children of one parent, or the root alone.
  private struct Family {
    var built: OpenNode
    var derived: OpenNode?
  }

  let matrix: TrainingMatrix
  let options: BoostingOptions
  let workers: Workers
  private(set) var lists: RowLists
  private let blocks: [Range<Int>]
  private var slots: [HistogramSlot] = []

  /// The sums of one node; freed with the grower.
  private final class HistogramSlot {
    let sums: UnsafeMutablePointer<GradientSums>
    init(columns: Int) {
      sums = .allocate(capacity: columns * GradientHistogram.stride)
    }
    deinit { sums.deallocate() }
  }

  init(matrix: TrainingMatrix, options: BoostingOptions, workers: Workers) {
    self.matrix = matrix
    self.options = options
    self.workers = workers
    lists = RowLists(capacity: matrix.rows)
    let each = (matrix.columns + workers.threads - 1) / workers.threads
    let width = max(4, min(GradientHistogram.block, each))
    blocks = stride(from: 0, to: matrix.columns, by: width).map {
      $0..<min($0 + width, matrix.columns)
    }
  }

  mutating func grow(
    _ gradients: Gradients, isIn: ((Int) -> Bool)?, takes: [Bool]
  ) -> GrownTree {
    if let isIn { lists.sample(isIn) }
    var growth = Growth(
      gradients: gradients, finder: SplitFinder(options, gradients), takes: takes,
      freeSlots: Array(slots.indices))
    let total = gradients.sum(lists.rows(0), lists.count, workers)
    growth.grown.tree.appendLeaf(value: 0, cover: growth.finder.cover(total))
    growth.grown.marks = [UInt8](repeating: 0, count: 256)
    growth.sums = [total]
    growth.bounds = [LeafBounds()]
    let root = OpenNode(
      id: 0, range: 0..<lists.count, list: 0, sums: total, slot: slot(&growth), depth: 0,
      bounds: LeafBounds())
    let found = search([Family(built: root, derived: nil)], growth)
    switch options.growth {
    case .levels: growLevels(found, &growth)
    case .leaves: growLeaves(found, &growth)
    }
    for node in 0..<growth.grown.tree.count where growth.grown.tree.lefts[node] < 0 {
      let weight = growth.bounds[node].clamped(growth.finder.weight(growth.sums[node]))
      growth.grown.tree.values[node] = Float(weight * options.learningRate)
    }
    return growth.grown
  }

  private mutating func growLevels(_ root: [Candidate], _ growth: inout Growth) {
    var level = root
    var leaves = 1
    while !level.isEmpty {
      var parents = level.filter { isWorthwhile($0) }
      if options.leaves > 0, leaves + parents.count > options.leaves {
        // The most useful splits of the level; of equals the first.
        let kept = parents.indices.sorted {
          (parents[$1].split.gain, $0) < (parents[$0].split.gain, $1)
        }.prefix(max(0, options.leaves - leaves))
        parents = kept.sorted().map { parents[$0] }
      }
      leaves += parents.count
      let split = Set(parents.map(\.node.id))
      for candidate in level where !split.contains(candidate.node.id) {
        close(candidate.node, &growth)
      }
      if parents.isEmpty { return }
      let areLast =
        parents[0].node.depth == options.depth - 1
        || (options.leaves > 0 && leaves >= options.leaves)
      level = search(carryOut(parents, areLast: areLast, &growth), growth)
    }
  }

  private mutating func growLeaves(_ root: [Candidate], _ growth: inout Growth) {
    let most = options.leaves > 0 ? options.leaves : 1 << options.depth
    var open = root
    var leaves = 1
    while leaves < most,
      let best = open.indices.filter({ isWorthwhile(open[$0]) }).max(by: {
        // The first of equals.
        (open[$0].split.gain, open[$1].node.id) < (open[$1].split.gain, open[$0].node.id)
      })
    {
      let candidate = open.remove(at: best)
      leaves += 1
      let isLast = candidate.node.depth == options.depth - 1 || leaves == most
      open += search(carryOut([candidate], areLast: isLast, &growth), growth)
    }
    for candidate in open { close(candidate.node, &growth) }
  }

  private func isWorthwhile(_ candidate: Candidate) -> Bool {
    candidate.split.column >= 0
      && candidate.split.gain > max(options.gamma, SplitFinder.leastGain)
  }

  /// The node stays a leaf.
  private func close(_ node: OpenNode, _ growth: inout Growth) {
    growth.grown.leaves.append(.init(range: node.range, list: node.list, node: node.id))
    growth.freeSlots.append(node.slot)
  }

  /// Splits nodes; returns the pairs of their children, or none where these are the last splits of the tree.
  private mutating func carryOut(
    _ parents: [Candidate], areLast: Bool, _ growth: inout Growth
  ) -> [Family] {
    let finder = growth.finder
    var divisions: [RowLists.Division] = []
    for parent in parents {
      let (node, split) = (parent.node, parent.split)
      let right = node.sums &- split.left
      _ = growth.grown.tree.split(
        node.id, feature: split.column, threshold: threshold(split),
        missingLeft: split.missingLeft, gain: Float(split.gain),
        leftCover: finder.cover(split.left), rightCover: finder.cover(right))
      if let left = split.leftBins {
        let categories = 0..<(matrix.binner.binCount(split.column) - 1)
        growth.grown.tree.rightCategories[node.id] = CategorySet(
          categories.filter { !left.contains($0 + 1) })
      }
      growth.grown.marks += [UInt8](repeating: 0, count: 512)
      growth.grown.appendMarks(for: node.id, split)
      growth.sums += [split.left, right]
      let bounds = finder.bounds(split, node.sums, node.bounds)
      growth.bounds += [bounds.left, bounds.right]
      divisions.append(
        RowLists.Division(
          range: node.range, list: node.list, column: split.column, marks: node.id * 256))
    }
    if areLast {
      // Who goes where is found out when the leaves' values are added.
      for parent in parents { close(parent.node, &growth) }
      return []
    }
    growth.grown.marks.withUnsafeBufferPointer { marks in
      if let marks = marks.baseAddress {
        lists.divide(&divisions, marks: marks, matrix: matrix, workers: workers)
      }
    }
    var families: [Family] = []
    for (parent, division) in zip(parents, divisions) {
      let node = parent.node
      let left = growth.grown.tree.lefts[node.id]
      func child(_ id: Int, _ range: Range<Int>, slot: Int) -> OpenNode {
        OpenNode(
          id: id, range: range, list: division.target, sums: growth.sums[id], slot: slot,
          depth: node.depth + 1, bounds: growth.bounds[id])
      }
      let ranges = (
        node.range.lowerBound..<division.middle, division.middle..<node.range.upperBound
      )
      let leftIsSmaller = ranges.0.count <= ranges.1.count
      let new = slot(&growth)
      let children = (
        child(left, ranges.0, slot: leftIsSmaller ? new : node.slot),
        child(left + 1, ranges.1, slot: leftIsSmaller ? node.slot : new)
      )
      families.append(
        leftIsSmaller
          ? Family(built: children.0, derived: children.1)
          : Family(built: children.1, derived: children.0))
    }
    return families
  }

  /// Adds a tree to the margins of the rows that it was grown on.
  func addLeaves(of grown: GrownTree, to margins: inout [Float]) {
    // Most leaves are small; large ones are cut so that threads end together.
    var pieces: [GrownTree.LeafRows] = []
    for leaf in grown.leaves {
      var start = leaf.range.lowerBound
      while start < leaf.range.upperBound {
        let end = min(start + 16_384, leaf.range.upperBound)
        pieces.append(.init(range: start..<end, list: leaf.list, node: leaf.node))
        start = end
      }
    }
    margins.withUnsafeMutableBufferPointer { margins in
      grown.marks.withUnsafeBufferPointer { marks in
        matrix.columnBins.withUnsafeBufferPointer { bins in
          guard let marks = marks.baseAddress, let bins = bins.baseAddress else { return }
          workers.perform(pieces.count) { index in
            let piece = pieces[index]
            let rows = lists.rows(piece.list)
            let left = grown.tree.lefts[piece.node]
            if left < 0 {
              let value = grown.tree.values[piece.node]
              for position in piece.range { margins[Int(rows[position])] += value }
              return
            }
            let column = bins + grown.tree.features[piece.node] * matrix.rows
            let own = marks + piece.node * 256
            let values = SIMD2(grown.tree.values[left + 1], grown.tree.values[left])
            for position in piece.range {
              let row = Int(rows[position])
              margins[row] += values[Int(own[Int(column[row])])]
            }
          }
        }
      }
    }
  }

  private mutating func slot(_ growth: inout Growth) -> Int {
    if let free = growth.freeSlots.popLast() { return free }
    slots.append(HistogramSlot(columns: matrix.columns))
    return slots.count - 1
  }

  /// A row goes left below this value.
  private func threshold(_ split: SplitCandidate) -> Float {
    if split.leftBins != nil { return 0 }
    let cuts = matrix.binner.cuts(of: split.column)
    let index = cuts.startIndex + split.bin - 1
    return index < cuts.endIndex ? cuts[index] : .greatestFiniteMagnitude
  }

  /// Builds the histograms of pairs of nodes and finds the best split of each node.
  private func search(_ families: [Family], _ growth: Growth) -> [Candidate] {
    let blockCount = blocks.count
    let empty = (SplitCandidate(), SplitCandidate())
    var results = [(built: SplitCandidate, derived: SplitCandidate)](
      repeating: empty, count: families.count * blockCount)
    results.withUnsafeMutableBufferPointer { results in
      let bins = UnsafePointer(matrix.rowBins.start)
      growth.gradients.packed.withUnsafeBufferPointer { words in
        guard let words = words.baseAddress else { return }
        workers.perform(results.count) { task in
          let family = families[task / blockCount]
          let columns = blocks[task % blockCount]
          let origin = columns.lowerBound * GradientHistogram.stride
          let target = slots[family.built.slot].sums + origin
          let node = family.built
          GradientHistogram.build(
            rows: UnsafeBufferPointer(
              start: lists.rows(node.list) + node.range.lowerBound, count: node.range.count),
            bins: bins, rowStride: matrix.rowStride, columns: columns, words: words, target: target)
          best(node, target, columns, growth, &results[task].built)
          guard let derived = family.derived else { return }
          let rest = slots[derived.slot].sums + origin
          for bin in 0..<(columns.count * GradientHistogram.stride) { rest[bin] &-= target[bin] }
          best(derived, rest, columns, growth, &results[task].derived)
        }
      }
    }
    var found: [Candidate] = []
    for (number, family) in families.enumerated() {
      var built = SplitCandidate()
      var derived = SplitCandidate()
      for block in 0..<blockCount {
        let result = results[number * blockCount + block]
        if result.built.gain > built.gain { built = result.built }
        if result.derived.gain > derived.gain { derived = result.derived }
      }
      found.append(Candidate(node: family.built, split: built))
      if let node = family.derived { found.append(Candidate(node: node, split: derived)) }
    }
    return found
  }

  private func best(
    _ node: OpenNode, _ bins: UnsafePointer<GradientSums>, _ columns: Range<Int>,
    _ growth: Growth, _ best: inout SplitCandidate
  ) {
    let parentScore = growth.finder.score(node.sums)
    for column in columns where growth.takes[column] {
      let own = bins + (column - columns.lowerBound) * GradientHistogram.stride
      let count = matrix.binner.binCount(column)
      if matrix.binner.isCategorical[column] {
        growth.finder.scanCategories(
          own, count: count, column: column, total: node.sums, parentScore: parentScore,
          bounds: node.bounds, into: &best)
        continue
      }
      growth.finder.scan(
        own, count: count, column: column, total: node.sums, parentScore: parentScore,
        bounds: node.bounds,
        splitsPresence: !matrix.binner.reachesInfinity[column], into: &best)
    }
  }
}
