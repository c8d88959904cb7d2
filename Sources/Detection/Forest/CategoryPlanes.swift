/// Answers of all splits on categories, looked up by category: each distinct split has a plane of its own, whose byte is
/// 1 where a row goes right and 0 where it goes left.
///
/// So a split on categories is, for whatever reads planes, one on a threshold of 0.
struct CategoryPlanes: Sendable {
  /// Splits that answer alike for every value.
  private struct Test: Hashable {
    var feature: Int
    var set: CategorySet
    var missingRight: Bool
  }

  /// One column's splits, side by side.
  private struct Column: Sendable {
    var feature: Int32
    /// Codes from 0 up to, not including, this are told apart; what is beyond goes left everywhere.
    var codes: Int32
    var planes: Range<Int32>
    /// Its first answer in both lists.
    var start: Int
  }

  /// Answers that all columns together may have: 16 MiB in each of two orders.
  private static let answerLimit = 1 << 24

  private var columns: [Column] = []
  private var planes: [Test: Int32] = [:]
  /// By category and then by plane; category 0 is missing, the last one is any other value.
  private var byCategory: [Int8] = []
  /// By plane and then by category.
  private var byPlane: [Int8] = []

  var planeCount: Int { planes.count }
  var isEmpty: Bool { columns.isEmpty }

  /// Missing where the answers would take too much memory.
  init?(_ nodes: [Forest.Node], _ sets: [CategorySet]) {
    var tests: [Int: [Test]] = [:]
    var known = Set<Test>()
    for node in nodes where node.isCategorical {
      let test = CategoryPlanes.test(node, sets)
      if known.insert(test).inserted { tests[node.feature, default: []].append(test) }
    }
    for (feature, own) in tests.sorted(by: { $0.key < $1.key }) {
      let codes = own.reduce(0) { max($0, Int($1.set.codes.last ?? -1) + 1) }
      guard codes < Int(UInt16.max) - 1,
        byPlane.count + own.count * (codes + 2) <= CategoryPlanes.answerLimit
      else { return nil }
      let first = Int32(planes.count)
      let start = byPlane.count
      for test in own {
        planes[test] = Int32(planes.count)
        var answers = [Int8](repeating: 0, count: codes + 2)
        answers[0] = test.missingRight ? 1 : 0
        for code in test.set.codes { answers[Int(code) + 1] = 1 }
        byPlane += answers
      }
      for category in 0..<(codes + 2) {
        for plane in own.indices {
          byCategory.append(byPlane[start + plane * (codes + 2) + category])
        }
      }
      columns.append(
        Column(
          feature: Int32(feature), codes: Int32(codes), planes: first..<Int32(planes.count),
          start: start))
    }
  }

  private static func test(_ node: Forest.Node, _ sets: [CategorySet]) -> Test {
    Test(
      feature: node.feature, set: sets[node.categorySet], missingRight: node.missingGoesRight)
  }

  /// The plane of a split on categories.
  func plane(_ node: Forest.Node, _ sets: [CategorySet]) -> Int32 {
    planes[CategoryPlanes.test(node, sets)] ?? 0
  }

  /// Sets the bytes of one row.
  func look(_ row: UnsafePointer<Float>, into cells: UnsafeMutablePointer<Int8>) {
    byCategory.withUnsafeBufferPointer { answers in
      guard let answers = answers.baseAddress else { return }
      for column in columns {
        let category = CategoryPlanes.category(row[Int(column.feature)], column)
        (cells + Int(column.planes.lowerBound)).update(
          from: answers + column.start + category * column.planes.count,
          count: column.planes.count)
      }
    }
  }

  /// Sets the bytes of some rows, `stride` values apart, plane after plane, `block` apart.
  func look(
    _ values: UnsafePointer<Float>, count rows: Int, stride: Int,
    into cells: UnsafeMutablePointer<Int8>, block: Int
  ) {
    if columns.isEmpty { return }
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: block) { categories in
      guard let categories = categories.baseAddress else { return }
      byPlane.withUnsafeBufferPointer { answers in
        guard let answers = answers.baseAddress else { return }
        for column in columns {
          let own = values + Int(column.feature)
          for row in 0..<rows {
            categories[row] = UInt16(CategoryPlanes.category(own[row &* stride], column))
          }
          var answer = answers + column.start
          for plane in column.planes {
            let target = cells + Int(plane) &* block
            for row in 0..<rows { target[row] = answer[Int(categories[row])] }
            answer += Int(column.codes) + 2
          }
        }
      }
    }
  }

  @inline(__always)
  private static func category(_ value: Float, _ column: Column) -> Int {
    if value.isNaN { return 0 }
    return value >= 0 && value < Float(column.codes) ? Int(value) + 1 : Int(column.codes) + 1
  }
}
