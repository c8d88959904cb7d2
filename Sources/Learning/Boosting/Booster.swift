package import Detection
import Glibc
package import Primitives

/// What came out of training.
package struct FittedForest: Sendable {
  package var forest: Forest
  /// Mean validation loss after each round; empty without validation rows.
  package var validationLosses: [Double] = []
  /// Mean training loss after each round; empty unless asked for.
  package var trainingLosses: [Double] = []
  /// Rounds that were run; more than the forest has trees where training stopped early.
  package var rounds: Int
}

/// Labels beside the binned rows, on which training may stop early.
package struct ValidationRows: Sendable {
  package var matrix: TrainingMatrix
  package var labels: [Float]

  package init(matrix: TrainingMatrix, labels: [Float]) {
    self.matrix = matrix
    self.labels = labels
  }
}

/// The margins from which training goes on: those of the forest that new trees are added to.
package struct StartMargins: Sendable {
  package var training: [Double]
  package var validation: [Double]

  package init(training: [Double], validation: [Double] = []) {
    self.training = training
    self.validation = validation
  }
}

/// Trains gradient-boosted trees: each tree corrects, by a second-order step, what the ones before it got wrong.
package struct Booster: Sendable {
  package let options: BoostingOptions

  package init(_ options: BoostingOptions = BoostingOptions()) { self.options = options }

  /// Fits a forest; the same for any number of threads.
  ///
  /// Weights multiply each row's loss. With start margins the trees go on from there and their base margin is 0. With validation rows and `earlyStoppingRounds` the forest ends at the round of
  /// the least validation loss. Fails where an option is out of range or the labels cannot be learnt from.
  package func fit(
    _ matrix: TrainingMatrix, labels: [Float], weights: [Float]? = nil,
    validation: ValidationRows? = nil, start: StartMargins? = nil,
    recordsTrainingLoss: Bool = false
  ) throws(Failure) -> FittedForest {
    try options.validate()
    try check(matrix, labels, weights, validation)
    precondition(
      start.map { $0.training.count == matrix.rows } ?? true, "every row has a margin to start at")
    let workers = Workers(threads: options.threads)
    let rowWeights = lossWeights(labels, weights)
    let base = start == nil ? baseMargin(labels, rowWeights) : 0
    var margins =
      start?.training.map { Float($0) } ?? [Float](repeating: Float(base), count: matrix.rows)
    var validationMargins =
      start?.validation.map { Float($0) }
      ?? [Float](repeating: Float(base), count: validation?.matrix.rows ?? 0)
    var gradients = Gradients(rows: matrix.rows)
    var grower = TreeGrower(matrix: matrix, options: options, workers: workers)
    var random = SeededRandom(seed: options.seed, purpose: "boosting")
    var trees: [DecisionTree] = []
    var trainingLosses: [Double] = []
    var validationLosses: [Double] = []
    var best = (round: 0, loss: Double.infinity)

    for round in 0..<options.rounds {
      gradients.update(
        options.objective, focus: options.focus, margins: margins, labels: labels,
        weights: rowWeights, round: round,
        workers: workers)
      let sample = rowSample(&random)
      let grown = grower.grow(
        gradients, isIn: sample, takes: columnSample(matrix.columns, &random))
      trees.append(grown.tree)
      if sample == nil {
        grower.addLeaves(of: grown, to: &margins)
      } else {
        Booster.add(grown, matrix, to: &margins, workers)
      }
      if recordsTrainingLoss { trainingLosses.append(loss(margins, labels, rowWeights)) }
      guard let validation else { continue }
      Booster.add(grown, validation.matrix, to: &validationMargins, workers)
      let now = loss(validationMargins, validation.labels, nil)
      validationLosses.append(now)
      if now < best.loss { best = (round, now) }
      let patience = options.earlyStoppingRounds
      if patience > 0 && round - best.round >= patience { break }
    }
    let rounds = trees.count
    if validation != nil && options.earlyStoppingRounds > 0 {
      trees.removeLast(trees.count - best.round - 1)
    }
    return FittedForest(
      forest: try Forest(featureCount: matrix.columns, baseMargin: base, trees: trees),
      validationLosses: validationLosses, trainingLosses: trainingLosses, rounds: rounds)
  }

  /// Sets the leaves of a forest anew from rows that it was not trained on; see `LeafRefit`.
  package func refit(
    _ forest: Forest, _ table: NumericTable, labels: [Float], weights: [Float]? = nil,
    decay: Double
  ) throws(Failure) -> Forest {
    try options.validate()
    try Continuing(.refit, decay: decay).validate()
    guard table.columns == forest.featureCount else {
      throw Failure(
        .usage, "the table has \(table.columns) columns, the model \(forest.featureCount)")
    }
    try check(table.rows, labels, weights)
    return try LeafRefit(options: options, decay: decay).refit(
      forest, table, labels: labels, weights: lossWeights(labels, weights))
  }

  private func lossWeights(_ labels: [Float], _ weights: [Float]?) -> [Float] {
    labels.indices.map { row in
      (weights?[row] ?? 1)
        * (options.objective == .logistic && labels[row] == 1 ? Float(options.positiveWeight) : 1)
    }
  }

  // MARK: checks

  private func check(
    _ rows: Int, _ labels: [Float], _ weights: [Float]?
  ) throws(Failure) {
    guard rows > 0 else {
      throw Failure(.input, "there are no rows to train on", advice: "give rows before the split")
    }
    guard labels.count == rows else {
      throw Failure(.input, "there are \(labels.count) labels for \(rows) rows")
    }
    if let weights {
      guard weights.count == rows else {
        throw Failure(.input, "there are \(weights.count) weights for \(rows) rows")
      }
      if let row = weights.firstIndex(where: { !($0.isFinite && $0 >= 0) }) {
        throw Failure(
          .input, "row \(row + 1) has the weight \(weights[row])", advice: "weights are 0 or more")
      }
    }
    try Booster.check(labels, options.objective)
  }

  private func check(
    _ matrix: TrainingMatrix, _ labels: [Float], _ weights: [Float]?, _ validation: ValidationRows?
  ) throws(Failure) {
    try check(matrix.rows, labels, weights)
    if options.objective == .logistic {
      for value: Float in [0, 1] where !labels.contains(1 - value) {
        throw Failure(
          .input, "all \(labels.count) training rows have the label \(Int(value))",
          advice: "training needs rows of both kinds: give more rows or plant attacks")
      }
    }
    if let validation {
      guard validation.labels.count == validation.matrix.rows,
        validation.matrix.binner == matrix.binner
      else {
        throw Failure(.input, "the validation rows were not binned and labelled like the others")
      }
      try Booster.check(validation.labels, options.objective)
    }
    guard options.monotony.isEmpty || options.monotony.count == matrix.columns else {
      throw Failure(
        .usage, "\(options.monotony.count) of \(matrix.columns) features are said to rise or fall",
        advice: "say it of each feature")
    }
    var level = min(1 << (options.depth - 1), matrix.rows)
    if options.leaves > 0 { level = min(level, options.leaves) }
    let bytes = matrix.columns * GradientHistogram.stride * 8 * level
    guard bytes <= Booster.histogramBytes else {
      throw Failure(
        .usage,
        "\(matrix.columns) features at depth \(options.depth) need \(bytes >> 20) MiB of sums",
        advice: "lower the depth or the bins: at most \(Booster.histogramBytes >> 20) MiB are used")
    }
  }

  private static let histogramBytes = 4 << 30

  /// Refuses labels that nothing can be learned from, with the first such row.
  static func check(_ labels: [Float], _ objective: Objective) throws(Failure) {
    for (row, label) in labels.enumerated() {
      if !label.isFinite {
        throw Failure(
          .input, "row \(row + 1) has the label \(label)",
          advice: "every row needs a finite label; leave out rows without one")
      }
      if objective == .logistic && label != 0 && label != 1 {
        throw Failure(
          .input, "row \(row + 1) has the label \(label)",
          advice: "a detector learns from 0 (normal) and 1 (to be found)")
      }
    }
  }

  // MARK: parts of a round

  private func baseMargin(_ labels: [Float], _ weights: [Float]) -> Double {
    var sum = 0.0
    var total = 0.0
    for row in labels.indices {
      sum += Double(labels[row]) * Double(weights[row])
      total += Double(weights[row])
    }
    let mean = total > 0 ? sum / total : 0
    switch options.objective {
    case .squaredError: return mean
    case .logistic:
      let p = min(max(mean, 1e-9), 1 - 1e-9)
      return log(p / (1 - p))
    }
  }

  private func rowSample(_ random: inout SeededRandom) -> ((Int) -> Bool)? {
    if options.rowSample >= 1 { return nil }
    let salt = random.next()
    let limit = UInt64(options.rowSample * 0x1p53)
    return { row in StableHash.of(salt, UInt64(row)) >> 11 < limit }
  }

  private func columnSample(_ columns: Int, _ random: inout SeededRandom) -> [Bool] {
    if options.columnSample >= 1 { return [Bool](repeating: true, count: columns) }
    let wanted = max(1, Int((Double(columns) * options.columnSample).rounded()))
    var takes = [Bool](repeating: false, count: columns)
    for column in Array(0..<columns).shuffled(using: &random).prefix(wanted) {
      takes[column] = true
    }
    return takes
  }

  /// Adds a tree to the margins of any binned rows.
  private static func add(
    _ grown: GrownTree, _ matrix: TrainingMatrix, to margins: inout [Float], _ workers: Workers
  ) {
    margins.withUnsafeMutableBufferPointer { margins in
      workers.performChunks(matrix.rows, of: 8192) { chunk in
        for row in chunk {
          margins[row] += grown.value(matrix.rowBins.start + row * matrix.rowStride)
        }
      }
    }
  }

  /// The weighted mean loss.
  private func loss(_ margins: [Float], _ labels: [Float], _ weights: [Float]?) -> Double {
    var sum = 0.0
    var total = 0.0
    for row in margins.indices {
      let weight = weights.map { Double($0[row]) } ?? 1
      let margin = Double(margins[row])
      let label = Double(labels[row])
      switch options.objective {
      case .logistic where options.focus > 0:
        sum += weight * FocalLoss.loss(margin, positive: label == 1, focus: options.focus)
      case .logistic:
        // log(1 + e^m) without overflow.
        sum += weight * (max(margin, 0) + log1p(exp(-abs(margin))) - label * margin)
      case .squaredError: sum += weight * (margin - label) * (margin - label)
      }
      total += weight
    }
    return total > 0 ? sum / total : 0
  }
}
