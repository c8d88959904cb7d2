import Synchronization

/// What each feature added to one row's margin: looked up where the forest allows tables, computed path by path elsewhere.
///
/// The tables are made when a row is first explained, which takes about a tenth of a second for some hundred trees, and
/// from then on a row costs a tenth of what its paths would. Which way is taken depends on the forest alone, so that equal
/// runs give equal attributions.
package final class TreeExplainer: Sendable {
  private enum Way {
    case tables(AttributionTables)
    case paths(TreeSHAP)
  }

  private let forest: Forest
  private let way = Mutex<Way?>(nil)

  package init(_ forest: Forest) {
    self.forest = forest
  }

  /// The margin of the average training row, and the row's `featureCount` attributions: they sum to the row's margin.
  ///
  /// - Parameter row: a value a feature; NaN where missing.
  package func explain(_ row: [Float]) -> (bias: Double, contributions: [Double]) {
    let count = forest.featureCount
    precondition(row.count == count, "a row has a value for each feature")
    let way = self.way.withLock { way in
      let made =
        way
        ?? AttributionTables(
          forest, isForOneRow: true, perform: { count, task in (0..<count).forEach(task) }
        ).map {
          .tables($0)
        } ?? .paths(TreeSHAP(forest))
      way = made
      return made
    }
    var contributions = [Double](repeating: 0, count: count)
    contributions.withUnsafeMutableBufferPointer { target in
      row.withUnsafeBufferPointer { row in
        guard let row = row.baseAddress, let target = target.baseAddress else { return }
        switch way {
        case .tables(let tables): tables.attribute(row, count: 1, into: target, stride: count)
        case .paths(let paths): paths.attribute(row, into: target)
        }
      }
    }
    switch way {
    case .tables(let tables): return (tables.bias, contributions)
    case .paths(let paths): return (paths.bias, contributions)
    }
  }
}
