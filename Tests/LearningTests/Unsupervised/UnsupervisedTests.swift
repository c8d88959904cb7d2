import Primitives
import Testing

@testable import Learning

/// Rows around a curve in six columns, and how far from it the last ones lie.
private func curve(_ rows: Int, seed: UInt64, strange: Int = 0, missing: Double = 0) throws
  -> NumericTable
{
  var random = SeededRandom(seed: seed)
  var values: [Float] = []
  for row in 0..<(rows + strange) {
    let place = random.uniform(-1, 1)
    // Each cell of a strange row is usual, the row is not: its halves speak of different places.
    let other = row < rows ? place : place > 0 ? place - 0.8 : place + 0.8
    var cells = [
      place, 2 * place, place * place, 1 - other, 0.5 * other * other * other, -other,
    ].map { Float(100 * ($0 + random.normal(mean: 0, deviation: 0.02))) }
    for column in cells.indices where random.chance(missing) { cells[column] = .nan }
    values += cells
  }
  return try NumericTable(
    names: (0..<6).map { "c\($0)" }, rows: rows + strange, values: values)
}

private func truth(_ rows: Int, _ strange: Int) -> [Bool] {
  Array(repeating: false, count: rows) + Array(repeating: true, count: strange)
}

@Suite("Isolation forest")
struct IsolationForestTests {
  private let workers = Workers(threads: 2)

  private func crowd(_ rows: Int, seed: UInt64, far: Int) throws -> NumericTable {
    var random = SeededRandom(seed: seed)
    let values = (0..<(rows + far)).flatMap { row in
      (0..<3).map { _ in Float(random.normal(mean: row < rows ? 0 : 8, deviation: 1)) }
    }
    return try NumericTable(names: ["a", "b", "c"], rows: rows + far, values: values)
  }

  @Test("Rows that stand apart score higher than the crowd")
  func ranks() throws {
    let table = try crowd(2_000, seed: 1, far: 10)
    let scores = IsolationForest(table, workers: workers).scores(table, workers: workers)
    let ranking = RankingMetrics(scores: scores, labels: truth(2_000, 10))
    #expect(try #require(ranking.rocAUC) > 0.995)
    #expect(scores.suffix(10).allSatisfy { $0 > 0.6 && $0 <= 1 })
    let sorted = scores.sorted()
    #expect(sorted[1_000] > 0.35 && sorted[1_000] < 0.5)
  }

  @Test("A seed gives one forest, whatever the number of threads")
  func deterministic() throws {
    let table = try crowd(500, seed: 2, far: 5)
    let one = IsolationForest(table, options: .init(seed: 7), workers: Workers(threads: 1))
    let many = IsolationForest(table, options: .init(seed: 7), workers: Workers(threads: 3))
    #expect(one == many)
    #expect(one.scores(table, workers: workers) == many.scores(table, workers: Workers(threads: 1)))
    #expect(one != IsolationForest(table, options: .init(seed: 8), workers: workers))
  }

  @Test("The depth of an average row is the sum that it stands for")
  func averageLength() {
    #expect(IsolationForest.averageLength(1) == 0)
    #expect(IsolationForest.averageLength(2) == 1)
    for rows in [64, 256, 1_000] {
      // 2 (H(n) − 1), the mean depth of an unsuccessful search.
      let exact = 2 * (1...rows).reduce(0.0) { $0 + 1 / Double($1) } - 2
      #expect(abs(IsolationForest.averageLength(rows) - exact) < 2.2 / Double(rows))
    }
  }

  @Test("Missing, infinite and equal values are taken as they come")
  func hostile() throws {
    var random = SeededRandom(seed: 3)
    let odd: [Float] = [
      .nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0, -0.0, .leastNonzeroMagnitude,
    ]
    let values = (0..<(300 * 4)).map { _ in odd[random.below(odd.count)] }
    let table = try NumericTable(names: ["a", "b", "c", "d"], rows: 300, values: values)
    let scores = IsolationForest(table, workers: workers).scores(table, workers: workers)
    #expect(scores.allSatisfy { $0 > 0 && $0 < 1 })
    let same = try NumericTable(
      names: ["a"], rows: 50, values: Array(repeating: 5, count: 50))
    let alike = IsolationForest(same, workers: workers).scores(same, workers: workers)
    #expect(alike.allSatisfy { abs($0 - 0.5) < 1e-9 })
    let empty = try NumericTable(
      names: ["a"], rows: 50, values: Array(repeating: .nan, count: 50))
    let unknown = IsolationForest(empty, workers: workers).scores(empty, workers: workers)
    #expect(unknown.allSatisfy { abs($0 - 0.5) < 1e-9 })
  }

  @Test("A missing value is neither near nor far")
  func missing() throws {
    let table = try crowd(1_000, seed: 4, far: 0)
    let forest = IsolationForest(table, workers: workers)
    func score(_ row: [Float]) throws -> Double {
      try forest.scores(
        NumericTable(names: ["a", "b", "c"], rows: 1, values: row), workers: workers)[0]
    }
    let middle = try score([0, 0, 0])
    let unknown = try score([.nan, 0, 0])
    let far = try score([9, 0, 0])
    #expect(middle < unknown && unknown < far)
  }
}

@Suite("Autoencoder")
struct AutoencoderTests {
  private let workers = Workers(threads: 2)

  @Test("Rows off the learnt curve score higher though each of their values is usual")
  func ranks() throws {
    let encoder = Autoencoder(try curve(3_000, seed: 1))
    let test = try curve(1_000, seed: 2, strange: 20)
    let scores = encoder.scores(test, workers: workers)
    let ranking = RankingMetrics(scores: scores, labels: truth(1_000, 20))
    #expect(try #require(ranking.rocAUC) > 0.9)
    let usual = scores.prefix(1_000).sorted()[500]
    #expect(usual < 0.1)
  }

  @Test("It learns from rows with gaps and scores them by what they have")
  func missing() throws {
    let encoder = Autoencoder(try curve(3_000, seed: 3, missing: 0.2))
    let test = try curve(1_000, seed: 4, strange: 20, missing: 0.1)
    let ranking = RankingMetrics(
      scores: encoder.scores(test, workers: workers), labels: truth(1_000, 20))
    #expect(try #require(ranking.rocAUC) > 0.85)
    let empty = try NumericTable(
      names: test.names, rows: 1, values: Array(repeating: .nan, count: 6))
    #expect(encoder.scores(empty, workers: workers) == [0])
  }

  @Test("A seed gives one encoder, and threads change no score")
  func deterministic() throws {
    let table = try curve(300, seed: 5)
    let options = Autoencoder.Options(epochs: 2, seed: 9)
    let encoder = Autoencoder(table, options: options)
    #expect(encoder == Autoencoder(table, options: options))
    #expect(
      encoder.scores(table, workers: Workers(threads: 1))
        == encoder.scores(table, workers: Workers(threads: 4)))
  }

  @Test("Training lowers the error")
  func learns() throws {
    let table = try curve(2_000, seed: 6)
    func mean(epochs: Int) -> Double {
      Autoencoder(table, options: .init(epochs: epochs, rowsPerEpoch: 2_000))
        .scores(table, workers: workers).reduce(0, +) / 2_000
    }
    #expect(mean(epochs: 10) < 0.5 * mean(epochs: 1))
  }

  @Test("Odd values give finite scores")
  func hostile() throws {
    var random = SeededRandom(seed: 7)
    let odd: [Float] = [
      .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0,
      .leastNonzeroMagnitude,
    ]
    let values = (0..<(200 * 4)).map { _ in odd[random.below(odd.count)] }
    let table = try NumericTable(names: ["a", "b", "c", "d"], rows: 200, values: values)
    let scores = Autoencoder(table, options: .init(epochs: 3)).scores(table, workers: workers)
    #expect(scores.allSatisfy { $0.isFinite && $0 >= 0 })
  }
}

@Suite("Fusion by rank")
struct RankFusionTests {
  @Test("A rarity is the number of decimals of the share above, and never falls")
  func rarity() {
    let scale = RankScale((1...10_000).map { Double($0) })
    #expect(abs(scale.rarity(9_000) - 1) < 0.01)
    #expect(abs(scale.rarity(9_900) - 2) < 0.01)
    #expect(abs(scale.rarity(9_990) - 3) < 0.05)
    #expect(scale.rarity(-5) == 0)
    #expect(scale.rarity(20_000) > scale.rarity(10_000))
    #expect(scale.rarity(.infinity) <= scale.rarity(10_000) + 3)
    var random = SeededRandom(seed: 1)
    for _ in 0..<50 {
      let some = RankScale((0..<(1 + random.below(300))).map { _ in Double(random.below(9)) })
      let rarities = stride(from: -1.0, through: 10, by: 0.25).map { some.rarity($0) }
      #expect(zip(rarities, rarities.dropFirst()).allSatisfy { $0 <= $1 + 1e-12 && $0 >= 0 })
    }
  }

  @Test("Only the ranks count: a bent score fuses the same")
  func bent() {
    var random = SeededRandom(seed: 2)
    let scores = (0..<4_000).map { _ in random.uniform() }
    let plain = RankScale(scores)
    let bent = RankScale(scores.map { $0 * $0 * $0 })
    for score in scores.prefix(200) {
      #expect(abs(plain.rarity(score) - bent.rarity(score * score * score)) < 0.02)
    }
  }

  @Test("A detector that adds nothing weighs nothing, one that adds something weighs")
  func weights() {
    var random = SeededRandom(seed: 3)
    let labels = (0..<5_000).map { _ in random.chance(0.02) }
    func detector(_ signal: Double) -> [Double] {
      labels.map { random.normal(mean: $0 ? signal : 0, deviation: 1) }
    }
    let (strong, other) = (detector(2.5), detector(2.5))
    let fusion = RankFusion(
      [("supervised", strong), ("noise", detector(0)), ("other", other)], labels: labels)
    #expect(fusion.weights[0] == 1)
    #expect(fusion.weights[1] <= 0.1)
    #expect(fusion.weights[2] >= 0.5)
    let parts = fusion.contributions([3, 0, 3])
    #expect(abs(parts.reduce(0, +) - fusion.score([3, 0, 3])) < 1e-12)
    #expect(parts[0] > 0 && parts[2] > 0)
  }

  @Test("Without labels every detector weighs the same")
  func unlabelled() {
    let fusion = RankFusion(
      [("a", [1, 2, 3]), ("b", [3, 2, 1])], labels: [false, false, false])
    #expect(fusion.weights == [1, 1])
  }
}
