package import Detection
package import Primitives

/// Going on with a given forest on new rows: adding trees to it, or setting its leaves anew.
package struct Continuing: Sendable {
  package enum Way: Sendable, Equatable {
    /// New trees correct what the old ones get wrong on the new rows.
    case add
    /// The splits stay; each leaf moves towards what the new rows that reach it ask for.
    case refit
  }

  package var way: Way
  /// How much of the old leaf values is kept: 1 keeps all, 0 forgets all. A refitted leaf takes the rest from the new
  /// rows.
  package var decay: Double

  package init(_ way: Way, decay: Double) {
    self.way = way
    self.decay = decay
  }

  package func validate() throws(Failure) {
    guard decay >= 0 && decay <= 1 else {
      throw Failure(.usage, "decay is \(decay)", advice: "give 0 to 1")
    }
  }
}

extension Forest {
  /// The same splits with every leaf value times `factor`.
  package func scaled(by factor: Double) throws(Failure) -> Forest {
    if factor == 1 { return self }
    var trees = trees
    for number in trees.indices {
      for node in trees[number].values.indices {
        trees[number].values[node] = Float(Double(trees[number].values[node]) * factor)
      }
    }
    return try Forest(featureCount: featureCount, baseMargin: baseMargin, trees: trees)
  }

  /// These trees and then those of another forest, whose base margin does not count.
  package func appending(_ other: Forest) throws(Failure) -> Forest {
    try Forest(featureCount: featureCount, baseMargin: baseMargin, trees: trees + other.trees)
  }
}

/// Sets the leaves of a forest anew, tree after tree, from rows that it was not trained on.
///
/// In each tree a leaf's value becomes `decay` of the old one and the rest of the best step on the new rows that reach
/// it, given the trees before it (as LightGBM's refit does). Leaves that no row reaches stay. Covers become the new
/// rows' where a tree sees any, so that attributions speak of them.
struct LeafRefit {
  let options: BoostingOptions
  let decay: Double

  func refit(
    _ forest: Forest, _ table: NumericTable, labels: [Float], weights: [Float]
  ) throws(Failure) -> Forest {
    let workers = Workers(threads: options.threads)
    var margins = [Float](repeating: Float(forest.baseMargin), count: table.rows)
    var gradients = Gradients(rows: table.rows)
    var trees = forest.trees
    for number in trees.indices {
      gradients.update(
        options.objective, focus: options.focus, margins: margins, labels: labels,
        weights: weights, round: number, workers: workers)
      let finder = SplitFinder(options, gradients)
      let leaves = leafOfRows(trees[number], table, workers)
      var sums = [GradientSums](repeating: 0, count: trees[number].count)
      for (row, leaf) in leaves.enumerated() { sums[Int(leaf)] &+= gradients.packed[row] }
      for node in trees[number].values.indices
      where trees[number].lefts[node] < 0 && sums[node] != 0 {
        let step = finder.weight(sums[node]) * options.learningRate
        let old = Double(trees[number].values[node])
        trees[number].values[node] = Float(decay * old + (1 - decay) * step)
      }
      setCovers(&trees[number], sums, finder)
      for (row, leaf) in leaves.enumerated() { margins[row] += trees[number].values[Int(leaf)] }
    }
    return try Forest(
      featureCount: forest.featureCount, baseMargin: forest.baseMargin, trees: trees)
  }

  private func setCovers(
    _ tree: inout DecisionTree, _ leaves: [GradientSums], _ finder: SplitFinder
  ) {
    var sums = leaves
    // Children come after their parents.
    for node in tree.lefts.indices.reversed() where tree.lefts[node] >= 0 {
      sums[node] = sums[tree.lefts[node]] &+ sums[tree.rights[node]]
    }
    for node in tree.covers.indices {
      tree.covers[node] =
        Float(decay) * tree.covers[node] + Float(1 - decay) * finder.cover(sums[node])
    }
  }

  private func leafOfRows(
    _ tree: DecisionTree, _ table: NumericTable, _ workers: Workers
  ) -> [Int32] {
    var leaves = [Int32](repeating: 0, count: table.rows)
    leaves.withUnsafeMutableBufferPointer { leaves in
      table.values.withUnsafeBufferPointer { values in
        workers.performChunks(table.rows, of: 4096) { chunk in
          for row in chunk {
            var node = 0
            while tree.lefts[node] >= 0 {
              let value = values[row * table.columns + tree.features[node]]
              node = tree.goesLeft(node, value) ? tree.lefts[node] : tree.rights[node]
            }
            leaves[row] = Int32(node)
          }
        }
      }
    }
    return leaves
  }
}
