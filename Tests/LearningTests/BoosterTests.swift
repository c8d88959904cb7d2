import Detection
import Learning
import Primitives
import Testing

@Suite("Training")
struct BoosterTests {
  private func options(_ change: (inout BoostingOptions) -> Void = { _ in }) -> BoostingOptions {
    var options = BoostingOptions()
    options.rounds = 20
    options.depth = 4
    options.threads = 2
    change(&options)
    return options
  }

  @Test("The training loss falls with every round")
  func monotone() throws {
    let (table, labels) = try Fixture.table(rows: 3000, columns: 6, seed: 21)
    for objective in Objective.allCases {
      let fitted = try Booster(options { $0.objective = objective }).fit(
        TrainingMatrix(table), labels: labels, recordsTrainingLoss: true)
      let losses = fitted.trainingLosses
      #expect(losses.count == 20)
      #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
    }
  }

  @Test("The forest is the same for 1, 2 and 4 threads, with samples of rows and columns too")
  func deterministic() throws {
    let (table, labels) = try Fixture.table(rows: 20_000, columns: 9, seed: 22)
    for sample in [1, 0.7] {
      let forests = try [1, 2, 4].map { threads in
        try Booster(
          options {
            $0.threads = threads
            $0.rowSample = sample
            $0.columnSample = sample
          }
        ).fit(TrainingMatrix(table), labels: labels).forest
      }
      #expect(forests[0].trees == forests[1].trees)
      #expect(forests[0].trees == forests[2].trees)
    }
  }

  @Test("Another seed samples other rows")
  func seeds() throws {
    let (table, labels) = try Fixture.table(rows: 2000, columns: 5, seed: 23)
    let matrix = TrainingMatrix(table)
    let forests = try [UInt64(1), 2].map { seed in
      try Booster(
        options {
          $0.seed = seed
          $0.rowSample = 0.5
        }
      ).fit(matrix, labels: labels).forest
    }
    #expect(forests[0].trees != forests[1].trees)
  }

  @Test("One split is the best of all splits, by exhaustive search in exact sums")
  func bestSplit() throws {
    var random = SeededRandom(seed: 24)
    for _ in 0..<60 {
      let rows = 20 + random.below(200)
      let (table, labels) = try Fixture.table(
        rows: rows, columns: 3, seed: random.next(), missing: random.chance(0.5) ? 0.2 : 0)
      if Set(labels).count < 2 { continue }
      let chosen = options {
        $0.rounds = 1
        $0.depth = 1
        $0.alpha = random.chance(0.3) ? 0.5 : 0
        $0.lambda = random.uniform(0, 2)
        $0.minChildWeight = random.uniform(0.1, 3)
        $0.learningRate = 1
      }
      let tree = try Booster(chosen).fit(TrainingMatrix(table), labels: labels).forest.trees[0]
      let expected = exhaustive(table, labels, chosen)
      if expected <= 1e-6 {
        #expect(tree.count == 1)
      } else {
        #expect(abs(Double(tree.gains[0]) - expected) < 1e-3 * max(1, expected))
      }
    }
  }

  /// The best gain over all features, borders and sides for missing values.
  private func exhaustive(
    _ table: NumericTable, _ labels: [Float], _ options: BoostingOptions
  ) -> Double {
    let mean = Double(labels.reduce(0, +)) / Double(labels.count)
    func score(_ rows: [Int]) -> Double {
      let g = rows.reduce(0) { $0 + mean - Double(labels[$1]) }
      let shrunk =
        g > options.alpha ? g - options.alpha : g < -options.alpha ? g + options.alpha : 0
      return shrunk * shrunk / (hessian(rows) + options.lambda)
    }
    func hessian(_ rows: [Int]) -> Double { Double(rows.count) * mean * (1 - mean) }
    let all = Array(0..<table.rows)
    var best = 0.0
    for column in 0..<table.columns {
      let value = { (row: Int) in table.values[row * table.columns + column] }
      let missing = all.filter { value($0).isNaN }
      let present = all.filter { !value($0).isNaN }
      for border in Set(present.map(value)).union([.infinity]) {
        let below = present.filter { value($0) < border }
        let above = present.filter { value($0) >= border }
        for (left, right) in [(below + missing, above), (below, above + missing)] {
          if left.isEmpty || right.isEmpty { continue }
          if min(hessian(left), hessian(right)) < options.minChildWeight { continue }
          best = max(best, score(left) + score(right) - score(all))
        }
      }
    }
    return best
  }

  @Test("Training margins are those of the finished forest, on validation rows too")
  func consistent() throws {
    let (table, labels) = try Fixture.table(rows: 4000, columns: 6, seed: 25)
    let matrix = TrainingMatrix(table)
    let fitted = try Booster(options()).fit(
      matrix, labels: labels, validation: ValidationRows(matrix: matrix, labels: labels),
      recordsTrainingLoss: true)
    #expect(fitted.trainingLosses == fitted.validationLosses)
    let margins = fitted.forest.margins(table, workers: Workers(threads: 1))
    let loss = zip(margins, labels).reduce(0.0) { $0 + logLoss($1.0, $1.1) } / Double(table.rows)
    #expect(abs(loss - fitted.trainingLosses[19]) < 1e-7)
  }

  private func logLoss(_ margin: Double, _ label: Float) -> Double {
    let p = Calibration.logistic.probability(margin)
    return label == 1 ? -logarithm(p) : -logarithm(1 - p)
  }

  @Test("Early stopping keeps the trees up to the least validation loss")
  func earlyStopping() throws {
    let (table, labels) = try Fixture.table(rows: 1200, columns: 5, seed: 26)
    let train = table.slice(0..<600)
    let later = table.slice(600..<1200)
    let matrix = TrainingMatrix(train)
    let fitted = try Booster(
      options {
        $0.rounds = 300
        $0.learningRate = 0.3
        $0.earlyStoppingRounds = 10
      }
    ).fit(
      matrix, labels: Array(labels[..<600]),
      validation: ValidationRows(
        matrix: TrainingMatrix(later, binner: matrix.binner), labels: Array(labels[600...])))
    let losses = fitted.validationLosses
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    #expect(fitted.forest.treeCount == best + 1)
    #expect(fitted.rounds == best + 11)
    #expect(fitted.rounds < 300)
  }

  @Test("Missing values of an informative feature are learned from")
  func missingIsAValue() throws {
    var random = SeededRandom(seed: 27)
    let labels = (0..<1000).map { _ -> Float in random.chance(0.5) ? 1 : 0 }
    let values = labels.map { $0 == 1 ? Float.nan : Float(random.normal()) }
    let table = try NumericTable(names: ["x"], rows: 1000, values: values)
    let forest = try Booster(options()).fit(TrainingMatrix(table), labels: labels).forest
    let scores = forest.margins(table, workers: Workers(threads: 1))
    let metrics = RankingMetrics(scores: scores, labels: labels.map { $0 == 1 })
    #expect(metrics.rocAUC == 1)
  }

  @Test("Odd tables train to finite margins")
  func odd() throws {
    let labels: [Float] = [0, 1, 0, 1, 1, 0, 0, 1]
    let columns: [[Float]] = [
      [.nan, .nan, .nan, .nan, .nan, .nan, .nan, .nan],
      [5, 5, 5, 5, 5, 5, 5, 5],
      [Float(1e300), Float(-1e300), .infinity, -.infinity, 1e38, -1e38, 0, -0.0],
      [.infinity, .nan, .infinity, .nan, .nan, .infinity, .infinity, .nan],
      [1, 1, 1, 1, 2, 2, 2, 2],
    ]
    for chosen in [[0], [1], [2], [3], [0, 1, 2, 3, 4]] {
      let values = (0..<8).flatMap { row in chosen.map { columns[$0][row] } }
      let table = try NumericTable(
        names: chosen.map { "c\($0)" }, rows: 8, values: values)
      let forest = try Booster(options { $0.minChildWeight = 0 }).fit(
        TrainingMatrix(table), labels: labels
      ).forest
      let margins = forest.margins(table, workers: Workers(threads: 1))
      #expect(margins.allSatisfy { $0.isFinite })
      if chosen == [0] || chosen == [1] { #expect(forest.leafCount == 20) }
    }
  }

  @Test("A row that comes twice counts as one of weight 2")
  func duplicates() throws {
    let (table, labels) = try Fixture.table(rows: 400, columns: 4, seed: 28)
    let twice = table.gather(Array(0..<400) + Array(0..<400))
    let binner = Binner(table)
    let a = try Booster(options()).fit(
      TrainingMatrix(twice, binner: binner), labels: labels + labels
    ).forest.margins(table, workers: Workers(threads: 1))
    let b = try Booster(options()).fit(
      TrainingMatrix(table, binner: binner), labels: labels,
      weights: [Float](repeating: 2, count: 400)
    ).forest.margins(table, workers: Workers(threads: 1))
    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test("Rows of weight 0 change nothing")
  func zeroWeight() throws {
    let (table, labels) = try Fixture.table(rows: 600, columns: 4, seed: 29)
    let binner = Binner(table)
    let fitted = try Booster(options()).fit(
      TrainingMatrix(table, binner: binner), labels: labels,
      weights: (0..<600).map { $0 < 300 ? 1 : 0 })
    let half = try Booster(options()).fit(
      TrainingMatrix(table.slice(0..<300), binner: binner), labels: Array(labels[..<300]))
    let a = fitted.forest.margins(table, workers: Workers(threads: 1))
    let b = half.forest.margins(table, workers: Workers(threads: 1))
    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test("What cannot be learnt from is refused with what to do")
  func refused() throws {
    let (table, labels) = try Fixture.table(rows: 10, columns: 2, seed: 30)
    let matrix = TrainingMatrix(table)
    func failure(_ labels: [Float], _ weights: [Float]? = nil) -> String? {
      Fixture.failure { _ = try Booster(options()).fit(matrix, labels: labels, weights: weights) }
    }
    let zeros = [Float](repeating: 0, count: 10)
    #expect(
      failure(zeros)
        == "all 10 training rows have the label 0 (training needs rows of both kinds: give more rows or plant attacks)"
    )
    #expect(
      failure(zeros.map { _ in 1 })
        == "all 10 training rows have the label 1 (training needs rows of both kinds: give more rows or plant attacks)"
    )
    #expect(
      failure(Array(labels.dropLast()) + [.nan])
        == "row 10 has the label nan (every row needs a finite label; leave out rows without one)"
    )
    #expect(
      failure([2] + labels.dropFirst())
        == "row 1 has the label 2.0 (a detector learns from 0 (normal) and 1 (to be found))")
    #expect(failure([0, 1]) == "there are 2 labels for 10 rows")
    #expect(failure(labels, [1]) == "there are 1 weights for 10 rows")
    #expect(
      failure(labels, [Float](repeating: -1, count: 10))
        == "row 1 has the weight -1.0 (weights are 0 or more)")
    let none = TrainingMatrix(table.slice(0..<0))
    #expect(
      Fixture.failure { _ = try Booster(options()).fit(none, labels: []) }
        == "there are no rows to train on (give rows before the split)")
    let one = TrainingMatrix(table.slice(0..<1))
    #expect(
      Fixture.failure { _ = try Booster(options()).fit(one, labels: [1]) }
        == "all 1 training rows have the label 1 (training needs rows of both kinds: give more rows or plant attacks)"
    )
  }

  @Test("Options out of range are refused by name")
  func optionRange() {
    func check(_ message: String, _ change: (inout BoostingOptions) -> Void) {
      var options = BoostingOptions()
      change(&options)
      #expect(Fixture.failure { try options.validate() } == message)
    }
    check("rounds is 0 (give 1 to 10000)") { $0.rounds = 0 }
    check("depth is 13 (give 1 to 12)") { $0.depth = 13 }
    check("bins is 257 (give 3 to 256)") { $0.bins = 257 }
    check("learning rate is nan (give above 0, at most 1)") { $0.learningRate = .nan }
    check("lambda is -1.0 (give 0 or more)") { $0.lambda = -1 }
    check("alpha is inf (give 0 or more)") { $0.alpha = .infinity }
    check("gamma is nan (give 0 or more)") { $0.gamma = .nan }
    check("minimum child weight is -0.5 (give 0 or more)") { $0.minChildWeight = -0.5 }
    check("row sample is 0.0 (give above 0, at most 1)") { $0.rowSample = 0 }
    check("column sample is 1.5 (give above 0, at most 1)") { $0.columnSample = 1.5 }
    check("positive weight is 0.0 (give above 0)") { $0.positiveWeight = 0 }
    check("early stopping is -1 (give 0 or more rounds)") { $0.earlyStoppingRounds = -1 }
    check("threads is 300 (give 0 to 256)") { $0.threads = 300 }
  }
}
