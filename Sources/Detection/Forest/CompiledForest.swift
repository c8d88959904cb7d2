/// A forest made ready for scoring: thresholds become places in sorted lists of cuts, so that a row is a few bytes.
///
/// Each column's value is looked up once among the column's cuts; from there on a split compares two bytes. A byte is
/// the number of cuts at or below the value, less 128; a missing value is the lowest byte where it goes left and the
/// highest where it goes right, so a column on whose splits missing values go either way has two planes. Forests with
/// more than 254 thresholds a column or more than 256 leaves a tree have no such form and are walked as they are.
///
/// Blocks of rows are scored by *selection*: every split of a tree is decided for 16 rows in one comparison, and from
/// the leaves upwards a split passes on the leaf number of its left or its right side. One row alone walks.
struct CompiledForest: Sendable {
  /// Rows that are scored together: their planes stay in the first-level cache, and a step's overhead is shared.
  static let block = 256

  /// A column that splits look at, with its cuts and the planes that hold its bytes; −1 where there is none.
  struct Column: Sendable {
    var feature: Int32
    var cuts: CutRanks.List
    /// With the lowest byte for missing values.
    var missingLeft: Int32 = -1
    /// With the highest one.
    var missingRight: Int32 = -1
  }

  /// A split both of whose sides are leaves: `leaf` and the one after it.
  struct Fork: Sendable {
    var plane: Int32
    var target: Int32
    var threshold: Int8
    var leaf: UInt8
  }

  /// A leaf beside a split.
  struct Constant: Sendable {
    var target: Int32
    var leaf: UInt8
  }

  /// A split with a split below it; replaces the leaf number of its left side by that of its right one.
  struct Choice: Sendable {
    var plane: Int32
    var target: Int32
    var right: Int32
    var threshold: Int8
  }

  /// The parts of one tree in the lists of all trees.
  struct Tree: Sendable {
    var forks: Range<Int32>
    var constants: Range<Int32>
    var choices: Range<Int32>
    /// Its first walking node and its first leaf value.
    var nodes: Int32
    var values: Int32
    var depth: Int32
    /// Whether a block selects or walks.
    var selects: Bool
  }

  /// One step of a walking row in 32 bits: the left child (9 bits, counted from the tree's first node; a leaf leads to
  /// itself), the plane (15 bits) and the threshold (8 bits). From above the threshold on a row goes right.
  typealias Step = UInt32
  static let planeLimit = 1 << 15
  static let leafLimit = 256

  private(set) var columns: [Column] = []
  private(set) var planeCount = 0
  private(set) var ranks = CutRanks()
  /// The first planes are its.
  let categories: CategoryPlanes
  private(set) var trees: [Tree] = []
  private(set) var forks: [Fork] = []
  private(set) var constants: [Constant] = []
  private(set) var choices: [Choice] = []
  private(set) var steps: [Step] = []
  /// By walking node; 0 in a split.
  private(set) var stepValues: [Double] = []
  private(set) var stepLeaves: [UInt8] = []
  /// By leaf number, from left to right in each tree.
  private(set) var leafValues: [Double] = []
  /// Places of one block's leaf numbers that a tree needs at most.
  private(set) var places = 1

  /// Missing where the forest has no such form.
  init?(
    nodes: [Forest.Node], roots: [Int32], depths: [Int32], sets: [CategorySet], featureCount: Int
  ) {
    guard var table = PlaneTable(nodes, sets, featureCount: featureCount) else { return nil }
    categories = table.categories
    for (number, root) in roots.enumerated() {
      let end = number + 1 < roots.count ? Int(roots[number + 1]) : nodes.count
      guard (end - Int(root) + 1) / 2 <= CompiledForest.leafLimit else { return nil }
      var compiler = TreeCompiler(nodes: nodes, root: Int(root), end: end)
      compiler.compile(&table)
      guard table.planeCount <= CompiledForest.planeLimit else { return nil }
      let depth = depths[number]
      trees.append(
        Tree(
          forks: append(compiler.forks, to: &forks),
          constants: append(compiler.constants, to: &constants),
          choices: append(compiler.choices, to: &choices),
          nodes: append(compiler.steps, to: &steps).lowerBound,
          values: append(compiler.leafValues, to: &leafValues).lowerBound, depth: depth,
          selects: compiler.forks.count + compiler.choices.count
            <= CompiledForest.splitsPerStep * Int(depth)))
      stepValues += compiler.stepValues
      stepLeaves += compiler.stepLeaves
      places = max(places, compiler.places)
    }
    columns = table.columns.filter { $0.missingLeft >= 0 || $0.missingRight >= 0 }
    planeCount = table.planeCount
    ranks = table.ranks
  }

  /// Splits that can be decided for every row in the time in which a row takes one step.
  private static let splitsPerStep = 20

  private func append<Element>(
    _ elements: [Element], to all: inout [Element]
  ) -> Range<Int32> {
    let start = Int32(all.count)
    all += elements
    return start..<Int32(all.count)
  }
}

/// The sorted thresholds of each column, and the planes that splits have asked for.
struct PlaneTable {
  /// One a feature.
  private(set) var columns: [CompiledForest.Column] = []
  private(set) var planeCount: Int
  let categories: CategoryPlanes
  private let sets: [CategorySet]
  private(set) var ranks = CutRanks()
  /// The rank of each feature's thresholds.
  private var order: [[Int32: Int]] = []

  /// Missing where a byte cannot tell a column's thresholds apart.
  init?(_ nodes: [Forest.Node], _ sets: [CategorySet], featureCount: Int) {
    guard let categories = CategoryPlanes(sets.isEmpty ? [] : nodes, sets) else { return nil }
    self.categories = categories
    self.sets = sets
    planeCount = categories.planeCount
    var thresholds = [Set<Int32>](repeating: [], count: featureCount)
    for node in nodes where !node.isLeaf && !node.isCategorical {
      thresholds[node.feature].insert(CutRanks.key(node.threshold))
      if thresholds[node.feature].count > 254 { return nil }
    }
    let none = ranks.append(keys: [])
    for (feature, own) in thresholds.enumerated() {
      let sorted = own.sorted()
      order.append(
        Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($0.element, $0.offset) }))
      columns.append(
        CompiledForest.Column(
          feature: Int32(feature), cuts: sorted.isEmpty ? none : ranks.append(keys: sorted)))
    }
  }

  /// The plane of a split and the byte above which a row goes right.
  mutating func place(_ node: Forest.Node) -> (plane: Int32, threshold: Int8) {
    if node.isCategorical { return (categories.plane(node, sets), 0) }
    let column = columns[node.feature]
    let rank = order[node.feature][CutRanks.key(node.threshold)] ?? 0
    let known = node.missingGoesRight ? column.missingRight : column.missingLeft
    let plane = known >= 0 ? known : Int32(planeCount)
    if known < 0 {
      planeCount += 1
      if node.missingGoesRight {
        columns[node.feature].missingRight = plane
      } else {
        columns[node.feature].missingLeft = plane
      }
    }
    return (plane, Int8(rank - 128))
  }
}
