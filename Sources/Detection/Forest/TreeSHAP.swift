/// Exact attributions: how much each feature moved a row's margin away from the average row's.
///
/// These are the Shapley values of the conditional expectation that follows the covers of the trees (Lundberg, Erion
/// and Lee, "Consistent Individualized Feature Attribution for Tree Ensembles", 2018, algorithm 2). For a leaf of
/// value v whose way tests the features U, let z_j be the share of training weight that passes the tests of feature
/// j and O the features whose tests the row itself passes. Subsets that hold a feature outside O add nothing, so
///
///     φ_i = v (1 − z_i) Π_{j∉O} z_j Σ_{S⊆O∖i} w(|S|) Π_{j∈O∖i∖S} z_j      for i in O
///     φ_i = −v Π_{j∉O} z_j Σ_{S⊆O} w(|S|) Π_{j∈O∖S} z_j                    for i outside O
///
/// with w(s) = s! (|U| − s − 1)! / |U|!. Sums are by polynomial, O(|O|²) a leaf. Attributions and `bias` sum to the margin.
package struct TreeSHAP: Sendable {
  /// One feature's tests on the way to a leaf, merged: an interval and a filter of categories, whether missing passes, and
  /// the share that does.
  private struct Element {
    var low: Float
    var high: Float
    /// The highest bit says whether missing passes.
    var column: UInt32
    /// −1 where no test is on categories.
    var filter: Int32
    var share: Double

    static let missing: UInt32 = 1 << 31
    var feature: Int { Int(column & ~Element.missing) }
    var passesMissing: Bool { column & Element.missing != 0 }
  }

  private struct Path {
    var start: Int32
    var count: Int32
    var value: Double
  }

  /// The margin of the average training row: what an empty explanation starts from.
  package let bias: Double
  private let elements: [Element]
  private let paths: [Path]
  private let filters: [CategoryFilter]
  /// w(s) for |U| = d at d·stride + s.
  private let weights: [Double]
  private let stride: Int
  package let featureCount: Int

  package init(_ forest: Forest) {
    var elements: [Element] = []
    var paths: [Path] = []
    var filters: [CategoryFilter] = []
    var expected = forest.baseMargin
    for root in forest.roots {
      var stack: [(node: Int, way: [Element])] = [(Int(root), [])]
      while let (index, way) = stack.popLast() {
        let node = forest.nodes[index]
        if node.isLeaf {
          let value = Double(node.value)
          expected += way.reduce(value) { $0 * $1.share }
          if way.isEmpty || value == 0 { continue }
          paths.append(
            Path(start: Int32(elements.count), count: Int32(way.count), value: value))
          elements += way
          continue
        }
        let left = Int(node.left)
        let covers = (Double(forest.covers[left]), Double(forest.covers[left + 1]))
        let total = covers.0 + covers.1
        let share = total > 0 ? covers.0 / total : 0.5
        for (child, right, share) in [(left + 1, true, 1 - share), (left, false, share)] {
          stack.append(
            (
              child,
              node.isCategorical
                ? TreeSHAP.extended(
                  way, by: node,
                  CategoryFilter(forest.categorySets[node.categorySet], right: right),
                  right: right, share: share, &filters)
                : TreeSHAP.extended(way, by: node, right: right, share: share)
            ))
        }
      }
    }
    self.elements = elements
    self.paths = paths
    self.filters = filters
    bias = expected
    featureCount = forest.featureCount
    let longest = paths.reduce(0) { max($0, Int($1.count)) }
    stride = longest + 1
    var weights = [Double](repeating: 0, count: stride * stride)
    for d in 1..<max(2, stride) where d < stride {
      // w(0) = 1/d and w(s) = w(s − 1) · s / (d − s).
      weights[d * stride] = 1 / Double(d)
      for s in 1..<max(1, d) where s < d {
        weights[d * stride + s] = weights[d * stride + s - 1] * Double(s) / Double(d - s)
      }
    }
    self.weights = weights
  }

  private static func extended(
    _ way: [Element], by node: Forest.Node, right: Bool, share: Double
  ) -> [Element] {
    var way = way
    let missing = node.missingGoesRight == right ? Element.missing : 0
    if let known = way.firstIndex(where: { $0.feature == node.feature }) {
      if right {
        way[known].low = max(way[known].low, node.threshold)
      } else {
        let high = way[known].high
        way[known].high = high.isNaN ? node.threshold : min(high, node.threshold)
      }
      way[known].column &= missing | ~Element.missing
      way[known].share *= share
    } else {
      // A high end of NaN stands for "no end": infinity itself must pass.
      way.append(
        Element(
          low: right ? node.threshold : -.infinity, high: right ? .nan : node.threshold,
          column: UInt32(node.feature) | missing, filter: -1, share: share))
    }
    return way
  }

  private static func extended(
    _ way: [Element], by node: Forest.Node, _ filter: CategoryFilter, right: Bool, share: Double,
    _ filters: inout [CategoryFilter]
  ) -> [Element] {
    var way = way
    var filter = filter
    let missing = node.missingGoesRight == right ? Element.missing : 0
    let place = Int32(filters.count)
    if let known = way.firstIndex(where: { $0.feature == node.feature }) {
      if way[known].filter >= 0 { filter.narrow(filters[Int(way[known].filter)]) }
      way[known].filter = place
      way[known].column &= missing | ~Element.missing
      way[known].share *= share
    } else {
      way.append(
        Element(
          low: -.infinity, high: .nan, column: UInt32(node.feature) | missing, filter: place,
          share: share))
    }
    filters.append(filter)
    return way
  }

  /// Writes the row's `featureCount` attributions; their sum and `bias` is the margin.
  package func attribute(
    _ row: UnsafePointer<Double>, into target: UnsafeMutablePointer<Double>
  ) {
    attribute({ Float(row[$0]) }, into: target)
  }

  /// Writes the row's `featureCount` attributions; their sum and `bias` is the margin.
  package func attribute(_ row: UnsafePointer<Float>, into target: UnsafeMutablePointer<Double>) {
    attribute({ row[$0] }, into: target)
  }

  @inline(__always)
  private func attribute(
    _ value: (Int) -> Float, into target: UnsafeMutablePointer<Double>
  ) {
    target.update(repeating: 0, count: featureCount)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * stride + 1) { scratch in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { passing in
        elements.withUnsafeBufferPointer { elements in
          weights.withUnsafeBufferPointer { weights in
            guard let elementBase = elements.baseAddress, let weightBase = weights.baseAddress,
              let scratchBase = scratch.baseAddress, let passingBase = passing.baseAddress
            else { return }
            for path in paths {
              add(
                path, elementBase + Int(path.start), weightBase + Int(path.count) * stride,
                scratchBase, passingBase, value, target)
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private func add(
    _ path: Path, _ elements: UnsafePointer<Element>, _ weights: UnsafePointer<Double>,
    _ scratch: UnsafeMutablePointer<Double>, _ passing: UnsafeMutablePointer<Int32>,
    _ value: (Int) -> Float, _ target: UnsafeMutablePointer<Double>
  ) {
    let count = Int(path.count)
    var failedShare = path.value
    var passed = 0
    for index in 0..<count {
      let element = elements[index]
      let x = value(element.feature)
      var passes =
        x.isNaN ? element.passesMissing : x >= element.low && !(x >= element.high)
      if element.filter >= 0 && passes && !x.isNaN {
        passes = filters[Int(element.filter)].passes(x)
      }
      if passes {
        passing[passed] = Int32(index)
        passed += 1
      } else {
        failedShare *= element.share
      }
    }
    if failedShare == 0 { return }
    // polynomial[s]: the sum over subsets S of size s of the product of the shares of passing features not in S.
    let polynomial = scratch
    let without = scratch + stride + 1
    polynomial[0] = 1
    for p in 0..<passed {
      let share = elements[Int(passing[p])].share
      polynomial[p + 1] = polynomial[p]
      var s = p
      while s > 0 {
        polynomial[s] = polynomial[s] * share + polynomial[s - 1]
        s -= 1
      }
      polynomial[0] *= share
    }
    if passed < count {
      var sum = 0.0
      for s in 0...passed { sum += weights[s] * polynomial[s] }
      let each = failedShare * sum
      var p = 0
      for index in 0..<count {
        if p < passed && Int(passing[p]) == index {
          p += 1
        } else {
          target[elements[index].feature] -= each
        }
      }
    }
    for p in 0..<passed {
      let element = elements[Int(passing[p])]
      // Dividing by (share + x) from the top is stable for shares up to 1 and never divides by a share.
      without[passed - 1] = polynomial[passed]
      var s = passed - 1
      while s > 0 {
        without[s - 1] = polynomial[s] - element.share * without[s]
        s -= 1
      }
      var sum = 0.0
      for s in 0..<passed { sum += weights[s] * without[s] }
      target[element.feature] += failedShare * (1 - element.share) * sum
    }
  }
}
