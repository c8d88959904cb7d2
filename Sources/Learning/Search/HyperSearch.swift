import Detection
import Glibc
package import Primitives

/// A small random search of hyper-parameters by successive halving: many sets are tried on a part of the rows, and the
/// better half goes on to more of them (Jamieson and Talwalkar, 2016).
///
/// All are judged on the same blocks of time, and never on the test part, which it is not given. A rung learns from
/// every positive row and from a part of the harmless ones, which then weigh more. Number 0, the options that were
/// asked for, always goes on to the last rung, so that the report can say whether anything beat them.
package struct HyperSearch {
  private static let shares = [0.25, 0.5, 1.0]
  private static let patience = 20

  package let plan: SearchPlan
  /// What is not searched stays as it is here.
  package let options: BoostingOptions

  package init(_ plan: SearchPlan, options: BoostingOptions) {
    self.plan = plan
    self.options = options
  }

  /// The same report for any number of threads. `progress` gets the fits done and all of them.
  package func run(
    _ table: NumericTable, labels: [Float], weights: [Float]? = nil, folds: TimeFolds,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws(Failure) -> SearchReport {
    try plan.validate()
    try options.validate()
    let usable = folds.folds.filter { fold in
      guard options.objective == .logistic else {
        return !fold.train.isEmpty && !fold.validation.isEmpty
      }
      return [fold.train, fold.validation].allSatisfy { rows in
        rows.contains { labels[$0] == 1 } && rows.contains { labels[$0] == 0 }
      }
    }
    guard !usable.isEmpty else {
      throw Failure(
        .input, "no block of time has rows of both kinds, before it and in it, to search by",
        advice: "give more rows, or fewer --folds")
    }
    var report = SearchReport(
      measure: options.objective == .logistic ? "average_precision" : "negative_rmse",
      folds: usable.map {
        SearchReport.FoldRows(trainRows: $0.train.count, validationRows: $0.validation.count)
      },
      trials: (0..<plan.trials).map { trial($0) }, chosen: 0, seed: options.seed)
    let counts = HyperSearch.shares.indices.map { max(2, plan.trials >> $0) }
    let total = counts.reduce(0, +) * usable.count
    var done = 0
    var alive = Array(report.trials.indices)
    for (rung, share) in HyperSearch.shares.enumerated() {
      let numbers = alive
      var scores = [[Double]](repeating: [], count: numbers.count)
      var rounds = [[Int]](repeating: [], count: numbers.count)
      for fold in usable {
        let rows = sample(fold.train, labels, share: share)
        let part = table.gather(rows.chosen)
        let workers = Workers(threads: options.threads)
        let matrix = TrainingMatrix(part, bins: options.bins, workers: workers)
        let held = table.gather(fold.validation)
        let validation = ValidationRows(
          matrix: TrainingMatrix(held, binner: matrix.binner, workers: workers),
          labels: fold.validation.map { labels[$0] })
        for (place, number) in numbers.enumerated() {
          let fitted = try Booster(report.trials[number].options).fit(
            matrix, labels: rows.chosen.map { labels[$0] },
            weights: zip(rows.chosen, rows.weights).map { (weights?[$0] ?? 1) * $1 },
            validation: validation)
          scores[place].append(
            score(fitted.forest.margins(held, workers: workers), validation.labels))
          rounds[place].append(fitted.forest.treeCount)
          done += 1
          progress(done, total)
        }
      }
      for (place, number) in numbers.enumerated() {
        report.trials[number].rungs.append(
          SearchReport.Rung(
            share: share, scores: scores[place],
            score: scores[place].reduce(0, +) / Double(usable.count),
            rounds: rounds[place].sorted()[rounds[place].count / 2]))
      }
      // The best first; of equals the first tried.
      let ranked = numbers.sorted {
        (-(report.trials[$0].rungs.last?.score ?? 0), $0)
          < (-(report.trials[$1].rungs.last?.score ?? 0), $1)
      }
      report.chosen = ranked[0]
      guard rung + 1 < HyperSearch.shares.count else { break }
      alive = Array(ranked.prefix(counts[rung + 1]))
      if !alive.contains(0) { alive[alive.count - 1] = 0 }
    }
    return report
  }

  // MARK: parts

  /// Number 0 is what was asked for; the others are drawn around what works for tables of this kind.
  private func trial(_ number: Int) -> SearchReport.Trial {
    var tried = options
    tried.earlyStoppingRounds = HyperSearch.patience
    if number > 0 {
      var random = SeededRandom(
        seed: StableHash.of(options.seed, UInt64(number)), purpose: "search")
      /// Evenly in the logarithm, to three digits.
      func between(_ low: Double, _ high: Double) -> Double {
        let value = low * pow(high / low, random.uniform())
        return Double(Format.decimal(value, 3)) ?? value
      }
      tried.learningRate = between(0.03, 0.3)
      tried.growth = random.chance(0.5) ? .levels : .leaves
      tried.depth = tried.growth == .levels ? 3 + random.below(6) : 10
      tried.leaves = tried.growth == .levels ? 0 : 8 << random.below(5)
      tried.minChildWeight = between(0.3, 30)
      tried.lambda = between(0.1, 30)
      tried.gamma = random.chance(0.5) ? 0 : between(0.01, 3)
      tried.rowSample = between(0.5, 1)
      tried.columnSample = between(0.4, 1)
    }
    return SearchReport.Trial(
      number: number,
      parameters: [
        "learning_rate": tried.learningRate, "depth": Double(tried.depth),
        "leaves": Double(tried.leaves), "min_child_weight": tried.minChildWeight,
        "lambda": tried.lambda, "gamma": tried.gamma, "row_sample": tried.rowSample,
        "column_sample": tried.columnSample,
      ], growth: tried.growth.rawValue, rungs: [], options: tried)
  }

  /// Every positive row and a share of the others, by a hash of their place, each standing for those left out.
  private func sample(
    _ rows: [Int], _ labels: [Float], share: Double
  ) -> (chosen: [Int], weights: [Float]) {
    if share >= 1 {
      return (rows, [Float](repeating: 1, count: rows.count))
    }
    let limit = UInt64(share * 0x1p53)
    var chosen: [Int] = []
    var weights: [Float] = []
    for row in rows {
      let isKept = options.objective == .logistic && labels[row] == 1
      guard isKept || StableHash.of(options.seed, UInt64(row)) >> 11 < limit else { continue }
      chosen.append(row)
      weights.append(isKept || options.objective != .logistic ? 1 : Float(1 / share))
    }
    // Where the share of a few rows is none of a kind, all are taken.
    let kinds = Set(chosen.map { labels[$0] })
    if chosen.isEmpty || (options.objective == .logistic && kinds.count < 2) {
      return (rows, [Float](repeating: 1, count: rows.count))
    }
    return (chosen, weights)
  }

  private func score(_ margins: [Double], _ labels: [Float]) -> Double {
    if options.objective == .logistic {
      return RankingMetrics(scores: margins, labels: labels.map { $0 == 1 }).averagePrecision ?? 0
    }
    let sum = zip(margins, labels).reduce(0.0) {
      $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1))
    }
    return -(sum / Double(labels.count)).squareRoot()
  }
}
