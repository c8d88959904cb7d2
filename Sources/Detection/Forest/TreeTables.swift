/// The attribution tables of one tree: for each group of its leaves, what each feature gets by how a row decides.
struct TreeTables: Sendable {
  /// Decisions that make up a pattern, which is one byte.
  static let patternBits = 8

  /// One decision: its bit in the pattern is set where the row's byte is above the threshold.
  struct Test: Sendable {
    var plane: Int32
    var threshold: Int8
  }

  /// In which order the values of a group lie.
  enum Layout: Sendable {
    /// Feature after feature, by pattern: for many rows, which share a feature's values.
    case byFeature
    /// Pattern after pattern, by feature: one row needs those of one pattern, which lie side by side.
    case byPattern
  }

  /// A feature's attributions, from this place in `values` on.
  struct Column: Sendable {
    var feature: Int32
    var values: Int32
  }

  struct Group: Sendable {
    var tests: Range<Int>
    var columns: Range<Int>
  }

  private(set) var tests: [Test] = []
  private(set) var columns: [Column] = []
  private(set) var groups: [Group] = []
  private(set) var values: [Float] = []
  /// The tree's mean over the training rows.
  private(set) var expected = 0.0
  private let layout: Layout

  init() { layout = .byFeature }

  /// Of a tree at most `patternBits` splits deep.
  init(_ number: Int, in forest: Forest, _ compiled: CompiledForest, _ layout: Layout) {
    self.layout = layout
    let root = Int(forest.roots[number])
    let steps = Int(compiled.trees[number].nodes) - root
    var splits: [Int: Int] = [:]
    _ = TreeTables.countSplits(root, forest, &splits)
    var stack: [(node: Int, way: [Turn])] = [(root, [])]
    while let (index, way) = stack.popLast() {
      if way.count + (splits[index] ?? 0) <= TreeTables.patternBits {
        append(index, way, forest) { compiled.steps[steps + $0] }
        continue
      }
      let left = Int(forest.nodes[index].left)
      stack.append((left + 1, way + [Turn(node: index, right: true)]))
      stack.append((left, way + [Turn(node: index, right: false)]))
    }
  }

  /// One step on the way to a node.
  private struct Turn {
    var node: Int
    var right: Bool
  }

  /// The tests of one feature on the way to a leaf: passed where the pattern's bits under `mask` are `wanted`.
  private struct Element {
    var feature: Int
    var mask: Int
    var wanted: Int
    /// Of the training weight that comes to these tests.
    var share: Double
  }

  /// The splits at and below each node.
  private static func countSplits(
    _ index: Int, _ forest: Forest, _ splits: inout [Int: Int]
  ) -> Int {
    let node = forest.nodes[index]
    if node.isLeaf { return 0 }
    let count =
      1 + countSplits(Int(node.left), forest, &splits)
      + countSplits(Int(node.left) + 1, forest, &splits)
    splits[index] = count
    return count
  }

  private mutating func append(
    _ start: Int, _ way: [Turn], _ forest: Forest, _ step: (Int) -> CompiledForest.Step
  ) {
    var bits = 0
    func test(_ index: Int) -> Int {
      let (plane, threshold) = CompiledForest.test(step(index))
      tests.append(Test(plane: plane, threshold: threshold))
      bits += 1
      return 1 << (bits - 1)
    }
    let firstTest = tests.count
    var elements: [Element] = []
    for turn in way {
      elements = TreeTables.extended(
        elements, forest, turn.node, right: turn.right, bit: test(turn.node))
    }
    var leaves: [(value: Double, elements: [Element])] = []
    var stack = [(node: start, elements: elements)]
    while let (index, elements) = stack.popLast() {
      let node = forest.nodes[index]
      if node.isLeaf {
        leaves.append((Double(node.value), elements))
        continue
      }
      let bit = test(index)
      for right in [true, false] {
        stack.append(
          (
            Int(node.left) + (right ? 1 : 0),
            TreeTables.extended(elements, forest, index, right: right, bit: bit)
          ))
      }
    }
    var places: [Int: Int] = [:]
    for leaf in leaves {
      for element in leaf.elements where places[element.feature] == nil {
        places[element.feature] = places.count
      }
    }
    let patterns = 1 << bits
    var sums = [Double](repeating: 0, count: patterns * places.count)
    for leaf in leaves {
      expected += leaf.elements.reduce(leaf.value) { $0 * $1.share }
      let count = leaf.elements.count
      if count == 0 { continue }
      let byState = TreeTables.attributions(leaf.value, leaf.elements.map(\.share))
      let columns = leaf.elements.map { (places[$0.feature] ?? 0) * patterns }
      for pattern in 0..<patterns {
        var state = 0
        for (number, element) in leaf.elements.enumerated()
        where pattern & element.mask == element.wanted {
          state |= 1 << number
        }
        for number in 0..<count {
          sums[columns[number] + pattern] += byState[state * count + number]
        }
      }
    }
    let firstColumn = columns.count
    let firstValue = values.count
    let ordered = places.sorted { $0.key < $1.key }
    let distance = layout == .byFeature ? patterns : 1
    for (order, (feature, _)) in ordered.enumerated() {
      columns.append(
        Column(feature: Int32(feature), values: Int32(firstValue + order * distance)))
    }
    switch layout {
    case .byFeature:
      for (_, place) in ordered {
        values += sums[(place * patterns)..<((place + 1) * patterns)].map { Float($0) }
      }
    case .byPattern:
      for pattern in 0..<patterns {
        for (_, place) in ordered { values.append(Float(sums[place * patterns + pattern])) }
      }
    }
    groups.append(Group(tests: firstTest..<tests.count, columns: firstColumn..<columns.count))
  }

  private static func extended(
    _ elements: [Element], _ forest: Forest, _ index: Int, right: Bool, bit: Int
  ) -> [Element] {
    var elements = elements
    let node = forest.nodes[index]
    let left = Int(node.left)
    let (a, b) = (Double(forest.covers[left]), Double(forest.covers[left + 1]))
    let leftShare = a + b > 0 ? a / (a + b) : 0.5
    let share = right ? 1 - leftShare : leftShare
    let wanted = right ? bit : 0
    if let known = elements.firstIndex(where: { $0.feature == node.feature }) {
      elements[known].mask |= bit
      elements[known].wanted |= wanted
      elements[known].share *= share
    } else {
      elements.append(Element(feature: node.feature, mask: bit, wanted: wanted, share: share))
    }
    return elements
  }

  /// The attributions of a leaf to each feature on its way, for each set of features that a row passes; see `TreeSHAP`
  /// for the formulas. At state · count + feature.
  private static func attributions(_ value: Double, _ shares: [Double]) -> [Double] {
    let count = shares.count
    var weights = [Double](repeating: 1 / Double(count), count: count)
    for s in 1..<max(count, 1) { weights[s] = weights[s - 1] * Double(s) / Double(count - s) }
    var result = [Double](repeating: 0, count: count << count)
    var polynomial = [Double](repeating: 0, count: count + 1)
    var without = [Double](repeating: 0, count: count + 1)
    for state in 0..<(1 << count) {
      var failed = value
      var passed = 0
      polynomial[0] = 1
      for number in 0..<count {
        let share = shares[number]
        guard state & (1 << number) != 0 else {
          failed *= share
          continue
        }
        polynomial[passed + 1] = polynomial[passed]
        var s = passed
        while s > 0 {
          polynomial[s] = polynomial[s] * share + polynomial[s - 1]
          s -= 1
        }
        polynomial[0] *= share
        passed += 1
      }
      if failed == 0 { continue }
      var all = 0.0
      if passed < count {
        for s in 0...passed { all += weights[s] * polynomial[s] }
      }
      for number in 0..<count {
        guard state & (1 << number) != 0 else {
          result[state * count + number] = -failed * all
          continue
        }
        without[passed - 1] = polynomial[passed]
        var s = passed - 1
        while s > 0 {
          without[s - 1] = polynomial[s] - shares[number] * without[s]
          s -= 1
        }
        var sum = 0.0
        for s in 0..<passed { sum += weights[s] * without[s] }
        result[state * count + number] = failed * (1 - shares[number]) * sum
      }
    }
    return result
  }
}
