import Glibc
import Primitives

/// Learns to say each row again through a narrow waist: what it cannot say again is unlike what it learnt from.
///
/// Dense layers of 2d → h → b → h → d with tanh between them, trained with Adam on minibatches. The inputs are the d values,
/// robustly scaled, with 0 for a missing one, and d flags that say which are missing; the error is taken over those
/// that are not. The score of a row is its mean squared error in squared robust deviations (drawn in by asinh): 0 for
/// a row said perfectly, about that of the training rows for a usual one, with no upper end.
package struct Autoencoder: Sendable, Equatable {
  package struct Options: Sendable {
    package var epochs = 12
    /// Rows drawn for each epoch, at most.
    package var rowsPerEpoch = 20_000
    package var batch = 64
    package var learningRate = 0.005
    package var seed: UInt64 = 0

    package init(epochs: Int = 12, rowsPerEpoch: Int = 20_000, seed: UInt64 = 0) {
      precondition(epochs >= 1 && rowsPerEpoch >= 1, "an epoch has rows")
      self.epochs = epochs
      self.rowsPerEpoch = rowsPerEpoch
      self.seed = seed
    }
  }

  package let columns: Int
  private let scaling: RobustScaling
  private var layers: [DenseLayer]

  /// - Parameter table: at least one row; labels play no part.
  package init(_ table: NumericTable, options: Options = Options()) {
    precondition(table.rows >= 1, "an autoencoder needs a row to learn from")
    columns = table.columns
    scaling = RobustScaling(table)
    var random = SeededRandom(seed: options.seed, purpose: "autoencoder")
    let hidden = min(max(columns / 2, 4), 32)
    let waist = min(max(columns / 4, 2), 8)
    let sizes = [2 * columns, hidden, waist, hidden, columns]
    layers = (0..<4).map { layer in
      DenseLayer(
        inputs: sizes[layer], outputs: sizes[layer + 1], isBent: layer < 3, random: &random)
    }
    train(table, options: options, random: &random)
  }

  private mutating func train(
    _ table: NumericTable, options: Options, random: inout SeededRandom
  ) {
    var step = 0
    let count = min(options.rowsPerEpoch, table.rows)
    for epoch in 0..<options.epochs {
      // The rate falls to a tenth, so that the last epochs settle.
      let rate =
        options.learningRate * pow(0.1, Double(epoch) / Double(max(1, options.epochs - 1)))
      var done = 0
      while done < count {
        let size = min(options.batch, count - done)
        for _ in 0..<size { learn(table, row: random.below(table.rows), share: 1 / Float(size)) }
        step += 1
        for layer in layers.indices { layers[layer].step(rate: rate, number: step) }
        done += size
      }
    }
  }

  /// One row's gradients.
  private mutating func learn(_ table: NumericTable, row: Int, share: Float) {
    let input = input(table, row: row)
    var values = input
    for layer in layers.indices { values = layers[layer].forward(values) }
    let present = (0..<columns).reduce(0) { $0 + (input[columns + $1] == 0 ? 1 : 0) }
    if present == 0 { return }
    var gradient = [Float](repeating: 0, count: columns)
    for column in 0..<columns where input[columns + column] == 0 {
      gradient[column] = 2 * (values[column] - input[column]) / Float(present) * share
    }
    for layer in layers.indices.reversed() { gradient = layers[layer].backward(gradient) }
  }

  /// The score of each row of a table with the same columns; 0 for a row without any value.
  package func scores(_ table: NumericTable, workers: Workers) -> [Double] {
    precondition(table.columns == columns, "the table has the columns of the autoencoder")
    return [Double](unsafeUninitializedCapacity: table.rows) { target, count in
      // Each task writes the rows of its own chunk.
      nonisolated(unsafe) let scores = target
      workers.performChunks(table.rows, of: 512) { chunk in
        for row in chunk { scores[row] = score(table, row: row) }
      }
      count = table.rows
    }
  }

  private func score(_ table: NumericTable, row: Int) -> Double {
    let input = input(table, row: row)
    var values = input
    for layer in layers { values = layer.output(values) }
    var sum = 0.0
    var present = 0
    for column in 0..<columns where input[columns + column] == 0 {
      let error = Double(values[column] - input[column])
      sum += error * error
      present += 1
    }
    return present == 0 ? 0 : sum / Double(present)
  }

  private func input(_ table: NumericTable, row: Int) -> [Float] {
    var input = [Float](repeating: 0, count: 2 * columns)
    for column in 0..<columns {
      let value = scaling.scaled(table.values[row * columns + column], column: column)
      if value.isNaN { input[columns + column] = 1 } else { input[column] = value }
    }
    return input
  }
}
