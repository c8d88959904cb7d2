import Detection
import Learning
import Primitives
import Testing

@Suite("Search of hyper-parameters")
struct SearchTests {
  @Test("A fold learns from nothing that is not before its block, and judges what began in it")
  func folds() {
    var random = SeededRandom(seed: 1)
    for round in 0..<40 {
      let count = 40 + random.below(200)
      var time = Timestamp(seconds: 0)
      var times: [Timestamp] = []
      for _ in 0..<count {
        time = time + .seconds(Int64(random.below(100)))
        times.append(time)
      }
      let entities = (0..<count).map { _ in UInt64(random.below(20)) }
      let incidents: [Int?] = (0..<count).map { _ in random.chance(0.2) ? random.below(8) : nil }
      let gap = TimeSpan.seconds(Int64(random.below(200)))
      let byEntity = round % 2 == 0
      let folds = TimeFolds(
        rows: count, folds: 1 + round % 4, times: (times, gap),
        entities: byEntity ? entities : nil, incidents: incidents
      ).folds
      #expect(!folds.isEmpty)
      var judged: Set<Int> = []
      for fold in folds {
        for row in fold.validation { #expect(judged.insert(row).inserted) }
        guard let last = fold.train.map({ times[$0] }).max(),
          let first = fold.validation.map({ times[$0] }).min()
        else { continue }
        #expect(last < first - gap)
        let known = Set(fold.train.compactMap { incidents[$0] })
        #expect(known.isDisjoint(with: fold.validation.compactMap { incidents[$0] }))
        if byEntity {
          let learned = Set(fold.train.map { entities[$0] })
          #expect(learned.isDisjoint(with: fold.validation.map { entities[$0] }))
        }
      }
    }
  }

  @Test("Without times a gap of rows lies before each block")
  func rowGap() {
    let folds = TimeFolds(rows: 1000, folds: 3).folds
    #expect(folds.map(\.train.count) == [240, 490, 740])
    #expect(folds.map { $0.validation.first } == [250, 500, 750])
    #expect(folds.map(\.validation.count) == [250, 250, 250])
  }

  private func options() -> BoostingOptions {
    var options = BoostingOptions()
    options.rounds = 8
    options.depth = 2
    options.threads = 1
    return options
  }

  @Test("The same seed tries and finds the same, for any number of threads")
  func deterministic() throws {
    let (table, labels) = try Fixture.table(rows: 1500, columns: 5, seed: 7, positives: 0.1)
    func run(_ threads: Int, seed: UInt64 = 5) throws -> SearchReport {
      var options = options()
      options.threads = threads
      options.seed = seed
      var seen: [Int] = []
      let report = try HyperSearch(SearchPlan(trials: 5, folds: 2), options: options).run(
        table, labels: labels, folds: TimeFolds(rows: table.rows, folds: 2)
      ) { done, all in
        seen.append(done)
        #expect(all == 18)
      }
      #expect(seen == Array(1...18))
      return report
    }
    let one = try run(1)
    #expect(try JSON.encode(one) == JSON.encode(run(3)))
    #expect(try JSON.encode(one) != JSON.encode(run(1, seed: 6)))
    // Five on the first rung, two on each of the others, and what was asked for on all.
    #expect(one.trials.map(\.rungs.count).sorted() == [1, 1, 1, 3, 3])
    #expect(one.trials[0].rungs.count == 3)
    #expect(one.trials[0].options.depth == 2)
    let last = one.trials.filter { $0.rungs.count == 3 }
    #expect(one.best.rungs[2].score == last.map { $0.rungs[2].score }.max())
  }

  @Test("What is found is what the model is grown with; the test part plays no part")
  func adopted() throws {
    let (table, labels) = try Fixture.table(rows: 2000, columns: 5, seed: 8, positives: 0.2)
    func train(_ labels: [Float]) throws -> (model: Model, report: TrainingReport) {
      var trainer = TableTrainer(options(), split: 0.75)
      trainer.search = SearchPlan(trials: 4, folds: 2)
      return try trainer.train(table, labels: labels)
    }
    let (model, report) = try train(labels)
    let search = try #require(report.search)
    #expect(search.folds.map(\.validationRows) == [500, 500])
    #expect(model.forest.treeCount == search.best.rungs.last?.rounds)
    var otherTest = labels
    for row in 1500..<2000 { otherTest[row] = 1 - otherTest[row] }
    let (other, _) = try train(otherTest)
    #expect(other.forest.trees == model.forest.trees)
  }

  @Test("A search that cannot be made is refused")
  func refused() throws {
    let (table, labels) = try Fixture.table(rows: 200, columns: 3, seed: 9)
    func failure(_ plan: SearchPlan, _ labels: [Float]) -> String? {
      Fixture.failure {
        _ = try HyperSearch(plan, options: options()).run(
          table, labels: labels, folds: TimeFolds(rows: 200, folds: 2))
      }
    }
    #expect(failure(SearchPlan(trials: 1), labels) == "search is 1 (give 2 to 1000 trials)")
    #expect(failure(SearchPlan(trials: 2, folds: 0), labels) == "folds is 0 (give 1 to 20)")
    #expect(
      failure(SearchPlan(trials: 2), [Float](repeating: 0, count: 200))
        == "no block of time has rows of both kinds, before it and in it, to search by (give more rows,"
        + " or fewer --folds)")
    let first = try TableTrainer(options()).train(table, labels: labels).model
    var trainer = TableTrainer(options(), start: (first, Continuing(.add, decay: 1)))
    trainer.search = SearchPlan(trials: 2)
    #expect(
      Fixture.failure { _ = try trainer.train(table, labels: labels) }
        == "a model that is gone on with keeps its hyper-parameters (search without a model to go on"
        + " with)")
  }
}
