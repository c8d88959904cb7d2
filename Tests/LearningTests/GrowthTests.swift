import Detection
import Primitives
import Testing

@testable import Learning

@Suite("Growing trees")
struct GrowthTests {
  private static func fit(
    _ table: NumericTable, _ labels: [Float], weights: [Float]? = nil,
    _ change: (inout BoostingOptions) -> Void
  ) throws -> Forest {
    var options = BoostingOptions()
    options.rounds = 12
    options.threads = 2
    change(&options)
    return try Booster(options).fit(TrainingMatrix(table), labels: labels, weights: weights).forest
  }

  private static func leaves(_ tree: DecisionTree) -> Int { tree.lefts.count { $0 < 0 } }

  @Test("Leaf by leaf without a limit grows the trees that level by level does")
  func sameTrees() throws {
    let (table, labels) = try Fixture.table(rows: 1500, columns: 5, seed: 50)
    let levels = try Self.fit(table, labels) { $0.depth = 4 }
    let leaves = try Self.fit(table, labels) {
      $0.depth = 4
      $0.growth = .leaves
    }
    let workers = Workers(threads: 1)
    #expect(levels.margins(table, workers: workers) == leaves.margins(table, workers: workers))
    #expect(levels.leafCount == leaves.leafCount)
  }

  @Test(
    "No tree has more leaves than allowed, and the limit is reached", arguments: TreeGrowth.allCases
  )
  func limit(growth: TreeGrowth) throws {
    let (table, labels) = try Fixture.table(rows: 4000, columns: 5, seed: 51)
    let forest = try Self.fit(table, labels) {
      $0.depth = 8
      $0.leaves = 11
      $0.growth = growth
    }
    let counts = forest.trees.map(Self.leaves)
    #expect(counts.allSatisfy { $0 <= 11 })
    #expect(counts.first == 11)
  }

  @Test("Leaf by leaf takes the more useful splits: with as many leaves the loss is lower")
  func usefulFirst() throws {
    let (table, labels) = try Fixture.table(rows: 6000, columns: 6, seed: 52)
    func loss(_ growth: TreeGrowth) throws -> Double {
      var options = BoostingOptions()
      options.rounds = 1
      options.depth = 10
      options.leaves = 12
      options.growth = growth
      options.threads = 1
      return try #require(
        Booster(options).fit(TrainingMatrix(table), labels: labels, recordsTrainingLoss: true)
          .trainingLosses.last)
    }
    #expect(try loss(.leaves) <= loss(.levels))
  }

  @Test("Leaf by leaf is the same for any number of threads")
  func deterministic() throws {
    let (table, labels) = try Fixture.table(rows: 40_000, columns: 7, seed: 53)
    func forest(_ threads: Int) throws -> Forest {
      try Self.fit(table, labels) {
        $0.growth = .leaves
        $0.leaves = 31
        $0.depth = 12
        $0.rounds = 5
        $0.threads = threads
      }
    }
    let one = try forest(1)
    #expect(try forest(3).trees == one.trees)
  }

  @Test("With a rising and a falling feature the margin never moves the other way")
  func monotone() throws {
    let (table, labels) = try Fixture.table(rows: 5000, columns: 4, seed: 54)
    func violations(_ monotony: [Monotony]) throws -> Int {
      let forest = try Self.fit(table, labels) {
        $0.monotony = monotony
        $0.rounds = 25
      }
      var random = SeededRandom(seed: 55)
      var count = 0
      for _ in 0..<300 {
        var row = Fixture.rows(1, features: 4, missing: 0.1, random: &random)
        for (column, sign) in [(0, 1.0), (1, -1.0)] {
          let values = (0..<12).map { _ in Float(random.normal(mean: 0, deviation: 2)) }.sorted()
          var last = -Double.infinity
          for value in values {
            row[column] = value
            let margin = forest.margin(of: row) * sign
            if margin < last - 1e-9 { count += 1 }
            last = margin
          }
        }
      }
      return count
    }
    #expect(try violations([.rising, .falling, .free, .free]) == 0)
    #expect(try violations([]) > 0)
  }

  @Test("Monotony of another number of features is refused")
  func monotoneCount() throws {
    let (table, labels) = try Fixture.table(rows: 100, columns: 3, seed: 56)
    #expect(
      Fixture.failure { _ = try Self.fit(table, labels) { $0.monotony = [.rising] } }
        == "1 of 3 features are said to rise or fall (say it of each feature)")
  }

  @Test("The derivatives of the focal loss are those of its values, and without focus of log loss")
  func focal() {
    func loss(_ margin: Double, _ positive: Bool, _ focus: Double) -> Double {
      FocalLoss.loss(margin, positive: positive, focus: focus)
    }
    for focus in [0.0, 0.5, 1, 2, 3] {
      for positive in [true, false] {
        for margin in stride(from: -6.0, through: 6, by: 0.5) {
          let (gradient, hessian) = FocalLoss.derivatives(
            Float(margin), positive: positive, focus: Float(focus))
          let step = 1e-4
          let (low, middle, high) = (
            loss(margin - step, positive, focus), loss(margin, positive, focus),
            loss(margin + step, positive, focus)
          )
          #expect(abs(Double(gradient) - (high - low) / (2 * step)) < 1e-4)
          let second = (high - 2 * middle + low) / (step * step)
          #expect(abs(Double(hessian) - max(second, 1e-16)) < 1e-3)
        }
      }
    }
    #expect(abs(loss(0.3, true, 0) - logarithm(1 + 0.740_818_220_681_717_8)) < 1e-12)
  }

  @Test("With focus the loss that is reported falls, and rows near the border decide")
  func focused() throws {
    let (table, labels) = try Fixture.table(rows: 3000, columns: 6, seed: 57)
    var options = BoostingOptions()
    options.focus = 2
    options.rounds = 15
    let losses = try Booster(options).fit(
      TrainingMatrix(table), labels: labels, recordsTrainingLoss: true
    ).trainingLosses
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test("The fast sigmoid is the exact one to six digits, and finite everywhere")
  func sigmoid() {
    for step in -4000...4000 {
      let x = Float(step) / 40
      let exact = 1 / (1 + exponential(-Double(x)))
      let fast = Double(Gradients.sigmoid(x))
      #expect(abs(fast - exact) <= 1e-6 * exact + 1e-30)
    }
    #expect(Gradients.sigmoid(.greatestFiniteMagnitude) == 1)
    #expect(Gradients.sigmoid(-.greatestFiniteMagnitude) > 0)
  }

  @Test("Sums of any rows fit their half words, whatever the weights")
  func words() {
    var random = SeededRandom(seed: 58)
    for round in 0..<20 {
      let rows = 1 + random.below(5000)
      let scale = Float(random.uniform(0, 1e6))
      let weights = (0..<rows).map { _ in random.chance(0.1) ? scale : Float(random.uniform()) }
      let labels = (0..<rows).map { _ in Float(random.chance(0.5) ? 1 : 0) }
      let margins = (0..<rows).map { _ in Float(random.normal(mean: 0, deviation: 5)) }
      var gradients = Gradients(rows: rows)
      gradients.update(
        .logistic, margins: margins, labels: labels, weights: weights, round: round,
        workers: Workers(threads: 1))
      var exact = SIMD2<Double>.zero
      for row in 0..<rows {
        let p = 1 / (1 + exponential(-Double(margins[row])))
        exact += SIMD2(p - Double(labels[row]), p * (1 - p)) * Double(weights[row])
      }
      let sum = gradients.packed.reduce(0, &+)
      let size = Double(rows).squareRoot()
      #expect(
        abs(sum.gradient * gradients.gradientStep - exact.x)
          <= 4 * size * gradients.gradientStep + 1e-4 * abs(exact.x) + 1e-4 * Double(scale))
      #expect(
        abs(Double(sum.hessian) * gradients.hessianStep - exact.y)
          <= 4 * size * gradients.hessianStep + 1e-4 * exact.y)
    }
  }
}

@Suite("Going on with a model")
struct ContinuingTests {
  private let table: NumericTable
  private let labels: [Float]
  private var options = BoostingOptions()

  init() throws {
    (table, labels) = try Fixture.table(rows: 3000, columns: 6, seed: 60)
    options.rounds = 8
    options.depth = 3
  }

  private func trained(
    _ trainer: TableTrainer, weights: [Float]? = nil
  ) throws -> Model {
    try trainer.train(table, labels: labels, weights: weights).model
  }

  private func loss(_ model: Model) -> Double {
    let margins = model.forest.margins(table, workers: Workers(threads: 1))
    return zip(margins, labels).reduce(0) {
      $0 - logarithm($1.1 == 1 ? model.score($1.0) : 1 - model.score($1.0))
    }
  }

  @Test("Trees added to a model are those that more rounds would have grown")
  func adding() throws {
    let first = try trained(TableTrainer(options))
    let more = try trained(TableTrainer(options, start: (first, Continuing(.add, decay: 1))))
    #expect(more.forest.treeCount == 16)
    #expect(Array(more.forest.trees.prefix(8)) == first.forest.trees)
    var twice = options
    twice.rounds = 16
    let atOnce = try trained(TableTrainer(twice))
    // Noise of rounding is another one in another round.
    #expect(abs(loss(more) - loss(atOnce)) < 0.02 * loss(atOnce))
    #expect(loss(more) < loss(first))
  }

  @Test("Decay shrinks what the old trees say before new ones are added")
  func decay() throws {
    let first = try trained(TableTrainer(options))
    let more = try trained(TableTrainer(options, start: (first, Continuing(.add, decay: 0.5))))
    for (old, kept) in zip(first.forest.trees, more.forest.trees) {
      #expect(kept.features == old.features)
      #expect(kept.values == old.values.map { $0 * 0.5 })
    }
  }

  @Test("Refitting keeps the splits; with decay 1 all stays, with 0 old leaves are forgotten")
  func refitting() throws {
    let first = try trained(TableTrainer(options))
    let flipped = labels.map { 1 - $0 }
    func refitted(_ decay: Double) throws -> Forest {
      try Booster(options).refit(first.forest, table, labels: flipped, decay: decay)
    }
    #expect(try refitted(1).trees.map(\.values) == first.forest.trees.map(\.values))
    let anew = try refitted(0)
    #expect(anew.trees.map(\.thresholds) == first.forest.trees.map(\.thresholds))
    let margins = anew.margins(table, workers: Workers(threads: 1))
    let area = RankingMetrics(scores: margins, labels: flipped.map { $0 == 1 }).rocAUC
    #expect(try #require(area) > 0.8)
    let half = try refitted(0.5)
    for (tree, old) in zip(half.trees, first.forest.trees).prefix(1) {
      let best = anew.trees[0]
      for node in tree.values.indices {
        #expect(abs(tree.values[node] - (old.values[node] + best.values[node]) / 2) < 1e-6)
      }
    }
  }

  @Test("Weights of 0 leave rows out of refitting and of training")
  func weights() throws {
    let first = try trained(TableTrainer(options))
    let weights = labels.indices.map { Float($0 % 2) }
    let odd = labels.indices.filter { $0 % 2 == 1 }
    let weighted = try Booster(options).refit(
      first.forest, table, labels: labels, weights: weights, decay: 0)
    let gathered = try Booster(options).refit(
      first.forest, table.gather(odd), labels: odd.map { labels[$0] }, decay: 0)
    for (a, b) in zip(weighted.trees, gathered.trees) {
      for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) < 1e-4) }
    }
  }

  @Test("A model of other columns is refused, and a decay out of range")
  func refused() throws {
    let first = try trained(TableTrainer(options))
    let other = try NumericTable(
      names: (0..<6).map { "g\($0)" }, rows: table.rows, values: table.values)
    #expect(
      Fixture.failure {
        _ = try TableTrainer(options, start: (first, Continuing(.add, decay: 1))).train(
          other, labels: labels)
      }
        == "the model to go on with has other columns or predicts something else"
        + " (give it the table's columns and loss, or train anew)")
    #expect(
      Fixture.failure {
        _ = try trained(TableTrainer(options, start: (first, Continuing(.refit, decay: 1.5))))
      } == "decay is 1.5 (give 0 to 1)")
  }
}
