import Primitives

/// Checks trees one after another and lays their nodes out level by level, children side by side.
struct ForestLayout {
  private(set) var roots: [Int32] = []
  private(set) var depths: [Int32] = []
  private(set) var nodes: [Forest.Node] = []
  private(set) var covers: [Float] = []
  private(set) var gains: [Float] = []
  private(set) var categorySets: [CategorySet] = []
  private let featureCount: Int

  init(capacity: Int, featureCount: Int) {
    self.featureCount = featureCount
    nodes.reserveCapacity(capacity)
    covers.reserveCapacity(capacity)
    gains.reserveCapacity(capacity)
  }

  mutating func append(_ tree: DecisionTree, number: Int, unreached: Int) throws(Failure) {
    try checkLengths(tree, number)
    let start = nodes.count
    roots.append(Int32(start))
    var reached = [Bool](repeating: false, count: tree.count)
    reached[0] = true
    var order = [(node: 0, depth: 0)]
    var deepest = 0
    var next = 0
    while next < order.count {
      let (node, depth) = order[next]
      next += 1
      deepest = max(deepest, depth)
      let left = tree.lefts[node]
      let right = tree.rights[node]
      covers.append(tree.covers[node])
      if left == -1 && right == -1 {
        try check(tree.values[node].isFinite, number, node, "the leaf's value is not finite")
        nodes.append(
          Forest.Node(
            threshold: .nan, left: Int32(nodes.count), column: 0, value: tree.values[node]))
        gains.append(0)
        continue
      }
      try check(depth < Forest.depthLimit, number, node, "deeper than \(Forest.depthLimit) splits")
      let feature = tree.features[node]
      try check(
        (0..<featureCount).contains(feature), number, node,
        "splits on feature \(feature) of \(featureCount)")
      let categories = tree.rightCategories[node]
      if let categories {
        try check(
          categories.codes.allSatisfy { (0..<Int32(CategorySet.limit)).contains($0) }, number, node,
          "a category is not between 0 and \(CategorySet.limit - 1)")
        try check(
          categorySets.count < CategorySet.limit, number, node, "too many splits on categories")
      } else {
        try check(tree.thresholds[node].isFinite, number, node, "the threshold is not finite")
      }
      for child in [left, right] {
        try check(
          (1..<tree.count).contains(child), number, node,
          "leads to node \(child) of \(tree.count)")
        try check(!reached[child], number, node, "leads to node \(child), which another split does")
        reached[child] = true
      }
      let target = start + order.count
      nodes.append(
        Forest.Node(
          threshold: categories == nil ? tree.thresholds[node] : Float(categorySets.count),
          left: Int32(target),
          column: UInt32(feature) | (tree.missingLeft[node] ? 0 : Forest.Node.missingRight)
            | (categories == nil ? 0 : Forest.Node.categorical),
          value: 0))
      if let categories { categorySets.append(categories) }
      gains.append(tree.gains[node])
      order.append((left, depth + 1))
      order.append((right, depth + 1))
    }
    depths.append(Int32(deepest))
    let cutOff = tree.count - order.count
    guard cutOff == unreached else {
      throw Failure(
        .input, "tree \(number): no split leads to \(cutOff) of its \(tree.count) nodes",
        advice: "the file is damaged; save the model again")
    }
  }

  private func checkLengths(_ tree: DecisionTree, _ number: Int) throws(Failure) {
    guard tree.count > 0 else { throw Failure(.input, "tree \(number) has no nodes") }
    let lengths = [
      ("threshold", tree.thresholds.count), ("left", tree.lefts.count),
      ("right", tree.rights.count), ("missing_left", tree.missingLeft.count),
      ("value", tree.values.count), ("cover", tree.covers.count), ("gain", tree.gains.count),
    ]
    for (name, length) in lengths where length != tree.count {
      throw Failure(
        .input, "tree \(number): 'feature' has \(tree.count) entries but '\(name)' has \(length)",
        advice: "the file is damaged; save the model again")
    }
    for node in 0..<tree.count {
      let cover = tree.covers[node]
      try check(
        cover.isFinite && cover >= 0, number, node, "the cover is not a number from 0 up")
      try check(tree.gains[node].isFinite, number, node, "the gain is not finite")
    }
  }

  private func check(
    _ holds: Bool, _ tree: Int, _ node: Int, _ message: @autoclosure () -> String
  ) throws(Failure) {
    if !holds {
      throw Failure(
        .input, "tree \(tree), node \(node): \(message())",
        advice: "the file is damaged; save the model again")
    }
  }
}
