/// One tree as parallel arrays in any node order, node 0 its root; the form in which trees are grown, read and saved.
///
/// A node with `left` −1 is a leaf and `value` its contribution to the margin. Elsewhere a row goes left where its
/// feature is below `threshold`, both as 32-bit floats; a missing value (NaN) goes left where `missingLeft`. A split
/// that has `rightCategories` sends those right and every other present value left, whatever its threshold.
package struct DecisionTree: Sendable, Equatable {
  package var features: [Int] = []
  package var thresholds: [Float] = []
  package var lefts: [Int] = []
  package var rights: [Int] = []
  package var missingLeft: [Bool] = []
  package var values: [Float] = []
  /// Weight of the training rows that passed each node: their sum of second derivatives. For attributions.
  package var covers: [Float] = []
  /// How much each split reduced the training loss; 0 in a leaf.
  package var gains: [Float] = []

  /// By node, for splits on categories only.
  package var rightCategories: [Int: CategorySet] = [:]

  package init() {}

  package var count: Int { features.count }

  /// Whether a row with this value of the split's feature goes left.
  package func goesLeft(_ node: Int, _ value: Float) -> Bool {
    if value.isNaN { return missingLeft[node] }
    if !rightCategories.isEmpty, let right = rightCategories[node] { return !right.contains(value) }
    return value < thresholds[node]
  }

  /// Appends a leaf and returns its number.
  @discardableResult
  package mutating func appendLeaf(value: Float, cover: Float) -> Int {
    features.append(0)
    thresholds.append(0)
    lefts.append(-1)
    rights.append(-1)
    missingLeft.append(false)
    values.append(value)
    covers.append(cover)
    gains.append(0)
    return count - 1
  }

  /// Turns a leaf into a split with two new leaves; returns the number of the left one, the right one follows it.
  package mutating func split(
    _ node: Int, feature: Int, threshold: Float, missingLeft goesLeft: Bool, gain: Float,
    leftCover: Float, rightCover: Float
  ) -> Int {
    let left = appendLeaf(value: 0, cover: leftCover)
    let right = appendLeaf(value: 0, cover: rightCover)
    features[node] = feature
    thresholds[node] = threshold
    missingLeft[node] = goesLeft
    values[node] = 0
    gains[node] = gain
    lefts[node] = left
    rights[node] = right
    return left
  }
}
