import Detection
import Learning
import Primitives
import Testing

@Suite("Forest")
struct ForestTests {
  @Test("A value below the threshold goes left, an equal one right, a missing one as learned")
  func direction() throws {
    var tree = DecisionTree()
    tree.appendLeaf(value: 0, cover: 2)
    let left = tree.split(
      0, feature: 1, threshold: 0.1, missingLeft: false, gain: 1, leftCover: 1, rightCover: 1)
    tree.values[left] = -1
    tree.values[left + 1] = 2
    let forest = try Forest(featureCount: 2, baseMargin: 0.5, trees: [tree])
    #expect(forest.margin(of: [9, Float(0.1).nextDown]) == -0.5)
    #expect(forest.margin(of: [9, 0.1]) == 2.5)
    #expect(forest.margin(of: [9, .nan]) == 2.5)
    #expect(forest.margin(of: [9, -.infinity]) == -0.5)
    #expect(forest.margin(of: [9, .infinity]) == 2.5)
    // The double 0.1 lies below the float 0.1 but counts as the nearest float.
    #expect(forest.margin(ofDoubles: [9, 0.1]) == 2.5)
    #expect(forest.margin(ofDoubles: [9, -1e300]) == -0.5)
    tree.missingLeft[0] = true
    let other = try Forest(featureCount: 2, baseMargin: 0.5, trees: [tree])
    #expect(other.margin(of: [9, .nan]) == -0.5)
  }

  @Test("Blocks of any length score as single rows do, as floats and as doubles")
  func blocks() throws {
    var random = SeededRandom(seed: 1)
    for round in 0..<20 {
      let features = 1 + random.below(12)
      let forest = try Fixture.forest(
        features: features, trees: 1 + round, depth: random.below(9), random: &random)
      let count = random.below(200)
      var values = Fixture.rows(count, features: features, missing: 0.2, random: &random)
      for index in values.indices where random.chance(0.02) {
        values[index] = random.chance(0.5) ? .infinity : -.infinity
      }
      var single: [Double] = []
      for row in 0..<count {
        single.append(forest.margin(of: Array(values[(row * features)..<((row + 1) * features)])))
      }
      var block = [Double](repeating: 0, count: count)
      forest.margins(values, count: count, stride: features, into: &block)
      #expect(block == single)
      var doubles = [Double](repeating: 0, count: count)
      forest.margins(values.map { Double($0) }, count: count, stride: features, into: &doubles)
      #expect(doubles == single)
    }
  }

  private func left(_ tree: DecisionTree, _ node: Int, _ value: Float) -> Bool {
    if value.isNaN { return tree.missingLeft[node] }
    guard let right = tree.rightCategories[node] else { return value < tree.thresholds[node] }
    return value < 0 || !right.codes.contains { Double($0) == Double(value.rounded(.down)) }
  }

  /// Down each tree by the definition of a split.
  private func naive(_ forest: Forest, _ row: ArraySlice<Float>) -> Double {
    forest.trees.reduce(forest.baseMargin) { sum, tree in
      var node = 0
      while tree.lefts[node] >= 0 {
        let value = row[row.startIndex + tree.features[node]]
        node = left(tree, node, value) ? tree.lefts[node] : tree.rights[node]
      }
      return sum + Double(tree.values[node])
    }
  }

  @Test(
    "Every form of scoring gives what a naive walk gives: few and many cuts, small and large trees",
    arguments: [
      (2, 3, 0), (40, 6, 1), (3, 9, 2), (400, 5, 3), (2, 12, 4), (20, 6, 5), (2, 12, 7), (90, 7, 9),
    ])
  func oracle(trees: Int, depth: Int, seed: UInt64) throws {
    var random = SeededRandom(seed: 40 + seed)
    let features = 1 + random.below(5)
    let categorical = Int(seed % 2) * ((features + 1) / 2)
    let forest = try Fixture.forest(
      features: features, categorical: categorical, trees: trees, depth: depth, random: &random)
    let count = 700
    var values = Fixture.rows(
      count, features: features, categorical: categorical, missing: 0.2, random: &random)
    // Values that equal a threshold, both zeros and infinities.
    let thresholds = forest.nodes.filter { !$0.isLeaf }.map(\.threshold)
    for index in values.indices where random.chance(0.2) {
      let odd: [Float] = [0, -0.0, .infinity, -.infinity]
      values[index] =
        random.chance(0.5) || thresholds.isEmpty || index % features < categorical
        ? odd[random.below(4)] : thresholds[random.below(thresholds.count)]
    }
    var block = [Double](repeating: 0, count: count)
    forest.margins(values, count: count, stride: features, into: &block)
    for row in 0..<count {
      let own = values[(row * features)..<((row + 1) * features)]
      #expect(block[row] == naive(forest, own))
      #expect(forest.margin(of: Array(own)) == block[row])
    }
  }

  @Test("Trees survive the flat layout: laid out again they are the same forest")
  func roundTrip() throws {
    var random = SeededRandom(seed: 2)
    let forest = try Fixture.forest(features: 5, trees: 9, depth: 6, random: &random)
    let again = try Forest(featureCount: 5, baseMargin: forest.baseMargin, trees: forest.trees)
    #expect(again.trees == forest.trees)
    #expect(again.roots == forest.roots)
  }

  @Test("A forest without trees scores its base margin")
  func empty() throws {
    let forest = try Forest(featureCount: 3, baseMargin: -1.25, trees: [])
    #expect(forest.margin(of: [1, 2, 3]) == -1.25)
    var block = [0.0, 0.0]
    forest.margins([Float](repeating: 1, count: 6), count: 2, stride: 3, into: &block)
    #expect(block == [-1.25, -1.25])
    #expect(TreeSHAP(forest).attributions(of: [1, 2, 3]) == [0, 0, 0])
    #expect(TreeSHAP(forest).bias == -1.25)
  }
}

@Suite("Attributions")
struct TreeSHAPTests {
  @Test("They and the bias sum to the margin, for rows with and without missing values")
  func sum() throws {
    var random = SeededRandom(seed: 3)
    var worst = 0.0
    for round in 0..<60 {
      let features = 1 + random.below(10)
      let categorical = round % 2 * random.below(features + 1)
      let forest = try Fixture.forest(
        features: features, categorical: categorical, trees: 1 + random.below(30),
        depth: random.below(10), random: &random)
      let explainer = TreeSHAP(forest)
      for _ in 0..<20 {
        var row = Fixture.rows(
          1, features: features, categorical: categorical, missing: Double(round % 4) / 4,
          random: &random)
        if random.chance(0.1) { row[0] = .infinity }
        let total = explainer.attributions(of: row).reduce(explainer.bias, +)
        worst = max(worst, abs(total - forest.margin(of: row)))
      }
    }
    #expect(worst < 1e-9)
  }

  @Test("They are the Shapley values of the conditional expectation, by enumeration of all subsets")
  func bruteForce() throws {
    var random = SeededRandom(seed: 4)
    for round in 0..<60 {
      let features = 1 + random.below(6)
      let categorical = round % 2 * random.below(features + 1)
      let forest = try Fixture.forest(
        features: features, categorical: categorical, trees: 1 + random.below(3),
        depth: 1 + random.below(5), random: &random)
      let explainer = TreeSHAP(forest)
      for _ in 0..<5 {
        let row = Fixture.rows(
          1, features: features, categorical: categorical, missing: 0.2, random: &random)
        let expected = shapley(forest, row)
        for (a, b) in zip(explainer.attributions(of: row), expected) {
          #expect(abs(a - b) < 1e-9)
        }
      }
    }
  }

  @Test("Looked up in tables they are those of the formula, for any number of rows")
  func tables() throws {
    var random = SeededRandom(seed: 6)
    for round in 0..<20 {
      let features = 1 + random.below(9)
      let categorical = round % 2 * random.below(features + 1)
      let forest = try Fixture.forest(
        features: features, categorical: categorical, trees: 1 + random.below(20),
        depth: round % 9, random: &random)
      let explainer = TreeSHAP(forest)
      let tables = try #require(
        AttributionTables(forest) { count, task in (0..<count).forEach(task) })
      #expect(abs(tables.bias - explainer.bias) < 1e-9)
      let count = 1 + random.below(1200)
      let values = Fixture.rows(
        count, features: features, categorical: categorical, missing: 0.2, random: &random)
      let stride = features + 1
      var looked = [Double](repeating: 7, count: count * stride)
      tables.attribute(values, count: count, into: &looked, stride: stride)
      // A few rows take less memory, and give the same.
      let few = min(count, 1 + round % 16)
      var alone = [Double](repeating: 7, count: few * stride)
      tables.attribute(values, count: few, into: &alone, stride: stride)
      #expect(alone == Array(looked[..<(few * stride)]))
      // So do tables that are laid out for one row at a time.
      let single = try #require(
        AttributionTables(forest, isForOneRow: true) { count, task in
          (0..<count).forEach(task)
        })
      var one = [Double](repeating: 7, count: few * stride)
      single.attribute(values, count: few, into: &one, stride: stride)
      #expect(one == alone && single.bias == tables.bias)
      var worst = 0.0
      for row in 0..<count {
        let own = Array(values[(row * features)..<((row + 1) * features)])
        let exact = explainer.attributions(of: own)
        for feature in 0..<features {
          worst = max(worst, abs(exact[feature] - looked[row * stride + feature]))
        }
        // What lies between rows is left alone.
        #expect(looked[row * stride + features] == 7)
        let sum = looked[(row * stride)..<(row * stride + features)].reduce(tables.bias, +)
        #expect(abs(sum - forest.margin(of: own)) < 1e-5)
      }
      #expect(worst < 2e-6)
    }
  }

  @Test("A forest too deep for tables has none")
  func tooDeep() throws {
    var random = SeededRandom(seed: 7)
    let deep = try Fixture.forest(features: 3, trees: 4, depth: 12, random: &random)
    #expect(deep.depths.contains { $0 > 8 })
    #expect(AttributionTables(deep) { count, task in (0..<count).forEach(task) } == nil)
  }

  @Test("A feature that no split uses gets nothing")
  func unused() throws {
    var random = SeededRandom(seed: 5)
    let forest = try Fixture.forest(features: 2, trees: 8, depth: 4, random: &random)
    let wide = try Forest(featureCount: 4, baseMargin: forest.baseMargin, trees: forest.trees)
    let attributions = TreeSHAP(wide).attributions(of: [0.1, .nan, 5, .nan])
    #expect(attributions[2...] == [0, 0])
  }

  /// E[f | x_S] as algorithm 1 of Lundberg et al. follows the tree, over all 2^n subsets.
  private func shapley(_ forest: Forest, _ row: [Float]) -> [Double] {
    let n = forest.featureCount
    let values = (0..<(1 << n)).map { expectation(forest, row, subset: $0) }
    let factorials = (0...n).map { (1...max($0, 1)).reduce(1.0) { $0 * Double($1) } }
    return (0..<n).map { feature in
      var sum = 0.0
      for subset in 0..<(1 << n) where subset & (1 << feature) == 0 {
        let size = subset.nonzeroBitCount
        let weight = factorials[size] * factorials[n - size - 1] / factorials[n]
        sum += weight * (values[subset | 1 << feature] - values[subset])
      }
      return sum
    }
  }

  private func expectation(_ forest: Forest, _ row: [Float], subset: Int) -> Double {
    func visit(_ index: Int) -> Double {
      let node = forest.nodes[index]
      if node.isLeaf { return Double(node.value) }
      let left = Int(node.left)
      if subset & (1 << node.feature) != 0 {
        let x = row[node.feature]
        let right =
          x.isNaN
          ? node.missingGoesRight
          : node.isCategorical
            ? forest.categorySets[node.categorySet].contains(x) : x >= node.threshold
        return visit(left + (right ? 1 : 0))
      }
      let (a, b) = (Double(forest.covers[left]), Double(forest.covers[left + 1]))
      return (a * visit(left) + b * visit(left + 1)) / (a + b)
    }
    return forest.roots.reduce(forest.baseMargin) { $0 + visit(Int($1)) }
  }
}
