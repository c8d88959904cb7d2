/// Turns one tree into the lists of `CompiledForest`.
struct TreeCompiler {
  private let nodes: [Forest.Node]
  private let root: Int
  private let end: Int

  private(set) var forks: [CompiledForest.Fork] = []
  private(set) var constants: [CompiledForest.Constant] = []
  private(set) var choices: [CompiledForest.Choice] = []
  private(set) var steps: [CompiledForest.Step] = []
  private(set) var stepValues: [Double] = []
  private(set) var stepLeaves: [UInt8] = []
  private(set) var leafValues: [Double] = []
  private(set) var places = 1

  /// The tree's nodes are those from `root` up to, not including, `end`.
  init(nodes: [Forest.Node], root: Int, end: Int) {
    self.nodes = nodes
    self.root = root
    self.end = end
  }

  mutating func compile(_ table: inout PlaneTable) {
    numberLeaves()
    for index in root..<end { appendStep(index, &table) }
    select(&table)
  }

  private var leafNumbers: [Int: UInt8] = [:]

  /// From left to right.
  private mutating func numberLeaves() {
    var stack = [root]
    while let index = stack.popLast() {
      if nodes[index].isLeaf {
        leafNumbers[index] = UInt8(leafValues.count)
        leafValues.append(Double(nodes[index].value))
      } else {
        stack += [Int(nodes[index].left) + 1, Int(nodes[index].left)]
      }
    }
  }

  private mutating func appendStep(_ index: Int, _ table: inout PlaneTable) {
    let node = nodes[index]
    let left = UInt32(Int(node.left) - root)
    // In a leaf nothing lies above the highest byte, so that a row stays there.
    let (plane, threshold) = node.isLeaf ? (0, Int8.max) : table.place(node)
    steps.append(left << 23 | UInt32(plane) << 8 | UInt32(UInt8(bitPattern: threshold)))
    stepValues.append(Double(node.value))
    stepLeaves.append(leafNumbers[index] ?? 0)
  }

  /// Gives every fork and every leaf beside a split a place of its own, from left to right; a choice leaves its result
  /// in the place of its left side, so that the root's is in place 0.
  private mutating func select(_ table: inout PlaneTable) {
    var stack = [root]
    var order: [(node: Int, target: Int32)] = []
    var next: Int32 = 0
    while let index = stack.popLast() {
      order.append((index, next))
      if nodes[index].isLeaf || isFork(index) {
        next += 1
      } else {
        stack += [Int(nodes[index].left) + 1, Int(nodes[index].left)]
      }
    }
    places = Int(next)
    let targets = Dictionary(uniqueKeysWithValues: order.map { ($0.node, $0.target) })
    for (index, target) in order {
      let node = nodes[index]
      if node.isLeaf {
        constants.append(.init(target: target, leaf: leafNumbers[index] ?? 0))
        continue
      }
      let (plane, threshold) = table.place(node)
      let left = Int(node.left)
      if isFork(index) {
        forks.append(
          .init(plane: plane, target: target, threshold: threshold, leaf: leafNumbers[left] ?? 0))
      } else {
        choices.append(
          .init(plane: plane, target: target, right: targets[left + 1] ?? 0, threshold: threshold))
      }
    }
    // Splits were met before what is below them and must come after it.
    choices.reverse()
  }

  private func isFork(_ index: Int) -> Bool {
    let left = Int(nodes[index].left)
    return !nodes[index].isLeaf && nodes[left].isLeaf && nodes[left + 1].isLeaf
  }
}
