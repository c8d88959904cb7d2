import Detection

/// A tree as it comes from training, with what is needed to apply it to binned rows.
struct GrownTree {
  var tree = DecisionTree()
  /// 256 marks a node: 1 where rows of a bin go left.
  var marks: [UInt8] = []
  /// Where the rows of each leaf are.
  var leaves: [LeafRows] = []

  /// The rows of one leaf, or of two that their split has not been carried out on.
  struct LeafRows {
    var range: Range<Int>
    var list: Int
    /// The leaf, or the split above both.
    var node: Int
  }

  mutating func appendMarks(for node: Int, _ split: SplitCandidate) {
    let start = node * 256
    for bin in 0..<256 {
      let left =
        split.leftBins.map { $0.contains(bin) } ?? (bin == 0 ? split.missingLeft : bin <= split.bin)
      marks[start + bin] = left ? 1 : 0
    }
  }

  /// The leaf value of a binned row.
  @inline(__always)
  func value(_ cells: UnsafePointer<UInt8>) -> Float {
    var node = 0
    while tree.lefts[node] >= 0 {
      let left = marks[node &* 256 &+ Int(cells[tree.features[node]])] == 1
      node = left ? tree.lefts[node] : tree.rights[node]
    }
    return tree.values[node]
  }
}
