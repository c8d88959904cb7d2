package import Primitives

/// Boosted trees that turn one row of features into a margin: the log-odds of the positive class, or a number.
///
/// All nodes of all trees lie in one flat array, the two children of a split side by side, so that the way of a row
/// is arithmetic on indices. A forest can only be made through a check of every tree, so scoring needs none.
package struct Forest: Sendable, Equatable {
  /// One place in a tree; 16 bytes.
  package struct Node: Sendable, Equatable {
    /// A row goes right from this value on. NaN in a leaf, so that no row ever does. In a split on categories the place
    /// of its set among the forest's.
    package var threshold: Float
    /// The left child; the right one follows it. In a leaf the leaf itself.
    package var left: Int32
    /// The column; the highest bit says that a missing value goes right, the next one that the split is on categories.
    package var column: UInt32
    /// What a leaf adds to the margin; 0 in a split.
    package var value: Float

    package static let missingRight: UInt32 = 1 << 31
    package static let categorical: UInt32 = 1 << 30
    package var feature: Int { Int(column & ~(Node.missingRight | Node.categorical)) }
    package var isCategorical: Bool { column & Node.categorical != 0 }
    /// In a split on categories.
    package var categorySet: Int { Int(threshold) }
    package var missingGoesRight: Bool { column & Node.missingRight != 0 }
    package var isLeaf: Bool { threshold.isNaN }
  }

  package static let depthLimit = 64
  package static let nodeLimit = 1 << 26
  package static let featureLimit = 1 << 20

  package let featureCount: Int
  /// The margin before the first tree.
  package let baseMargin: Double
  /// The root of each tree in `nodes`.
  package let roots: [Int32]
  /// Splits on the longest way from each tree's root to a leaf.
  package let depths: [Int32]
  package let nodes: [Node]
  package let covers: [Float]
  package let gains: [Float]
  /// What splits on categories send right; empty where all splits are on numbers.
  package let categorySets: [CategorySet]
  /// What scores rows, where the forest fits into it.
  let compiled: CompiledForest?

  package static func == (a: Forest, b: Forest) -> Bool {
    a.featureCount == b.featureCount && a.baseMargin == b.baseMargin && a.roots == b.roots
      && a.nodes == b.nodes && a.covers == b.covers && a.gains == b.gains
      && a.categorySets == b.categorySets
  }

  package var treeCount: Int { roots.count }
  package var leafCount: Int { nodes.reduce(0) { $0 + ($1.isLeaf ? 1 : 0) } }

  /// Checks and lays out trees; says which tree and node is wrong.
  ///
  /// A tree from elsewhere may carry nodes that nothing leads to any more (cut off by pruning): `unreached` of them.
  package init(
    featureCount: Int, baseMargin: Double, trees: [DecisionTree], unreached: [Int]? = nil
  ) throws(Failure) {
    guard (1...Forest.featureLimit).contains(featureCount) else {
      throw Failure(
        .input, "the model names \(featureCount) features",
        advice: "a model has 1 to \(Forest.featureLimit)")
    }
    guard baseMargin.isFinite else {
      throw Failure(.input, "the model's base margin is not a finite number")
    }
    let total = trees.reduce(0) { $0 + $1.count }
    guard total <= Forest.nodeLimit else {
      throw Failure(
        .input, "the model has \(total) tree nodes", advice: "at most \(Forest.nodeLimit) are read")
    }
    var layout = ForestLayout(capacity: total, featureCount: featureCount)
    for (number, tree) in trees.enumerated() {
      try layout.append(tree, number: number, unreached: unreached?[number] ?? 0)
    }
    self.featureCount = featureCount
    self.baseMargin = baseMargin
    roots = layout.roots
    depths = layout.depths
    nodes = layout.nodes
    covers = layout.covers
    gains = layout.gains
    categorySets = layout.categorySets
    compiled = CompiledForest(
      nodes: nodes, roots: roots, depths: depths, sets: categorySets, featureCount: featureCount)
  }

  /// The trees as parallel arrays, in the order of this layout.
  package var trees: [DecisionTree] {
    roots.indices.map { number in
      let start = Int(roots[number])
      let end = number + 1 < roots.count ? Int(roots[number + 1]) : nodes.count
      var tree = DecisionTree()
      for index in start..<end {
        let node = nodes[index]
        tree.appendLeaf(value: node.value, cover: covers[index])
        guard !node.isLeaf else { continue }
        let last = tree.count - 1
        tree.features[last] = node.feature
        if node.isCategorical {
          tree.rightCategories[last] = categorySets[node.categorySet]
        } else {
          tree.thresholds[last] = node.threshold
        }
        tree.missingLeft[last] = !node.missingGoesRight
        tree.lefts[last] = Int(node.left) - start
        tree.rights[last] = Int(node.left) + 1 - start
        tree.gains[last] = gains[index]
      }
      return tree
    }
  }

  /// The loss that the splits on each feature took away in training, as a share of all; 0 everywhere without splits.
  package var importance: [Double] {
    var sums = [Double](repeating: 0, count: featureCount)
    for (node, gain) in zip(nodes, gains) where !node.isLeaf {
      sums[node.feature] += Double(gain)
    }
    let total = sums.reduce(0, +)
    return total > 0 ? sums.map { $0 / total } : sums
  }
}
