import Detection
import Foundation
import Learning
import Primitives
import Testing

@Suite("Models without labels")
struct RarityTests {
  private func table(rows: Int, seed: UInt64, missing: Double = 0) throws -> NumericTable {
    var random = SeededRandom(seed: seed)
    let values = (0..<(rows * 4)).map { index -> Float in
      if random.chance(missing) { return .nan }
      let far = index / 4 % 50 == 0 ? 6.0 : 0
      return Float(random.normal(mean: far, deviation: 1))
    }
    return try NumericTable(names: ["a", "b", "c", "d"], rows: rows, values: values)
  }

  @Test("The forest as trees scores what it scored, and its attributions sum to it")
  func form() throws {
    let workers = Workers(threads: 1)
    let table = try table(rows: 2000, seed: 1)
    let forest = IsolationForest(table, options: .init(seed: 3), workers: workers)
    let trees = try forest.forest()
    let asked = try self.table(rows: 300, seed: 2)
    let scores = forest.scores(asked, workers: workers)
    let margins = trees.margins(asked, workers: workers)
    for (score, margin) in zip(scores, margins) {
      #expect(abs(exponential(margin * 0.693_147_180_559_945) - score) < 1e-5)
    }
    let explainer = TreeSHAP(trees)
    for row in 0..<20 {
      let own = Array(asked.values[(row * 4)..<(row * 4 + 4)])
      let sum = explainer.attributions(of: own).reduce(explainer.bias, +)
      #expect(abs(sum - margins[row]) < 1e-6)
    }
  }

  @Test("A score is the share of the held rows that are less rare, and rises with the margin")
  func rarity() {
    var random = SeededRandom(seed: 4)
    let margins = (0..<5000).map { _ in (random.normal() * 50).rounded() / 50 }
    let calibration = Calibration.rarity(of: margins)
    for margin in margins.prefix(300) {
      let share = Double(margins.count { $0 < margin }) / Double(margins.count)
      #expect(abs(calibration.probability(margin) - share) < 0.03)
    }
    let sorted = margins.sorted().map { calibration.probability($0) }
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(sorted.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(Calibration.rarity(of: [2, 2, 2]).probability(2) == 0.25)
    // Rarer than all that were held is told from the rarest of them.
    let below = Calibration.rarity(of: [-3, -2, -1])
    #expect(below.probability(-0.5) > below.probability(-1))
    #expect(below.greatest == below.probability(0) && below.greatest < 1)
    #expect(Calibration.rarity(of: [1]).probability(9) == 0.5)
  }

  @Test("Where the budget allows no alarm on the held rows, what is rarer than all still alerts")
  func reachable() throws {
    let (table, held) = (try table(rows: 3000, seed: 5), try table(rows: 300, seed: 6))
    let model = try RarityTrainer(seed: 7, threads: 1, alarmsPerDay: 3).train(
      table, held: held, days: 0.2, featureDigest: "d"
    ).model
    let threshold = try #require(model.alertThreshold)
    let scores = model.forest.margins(held, workers: Workers(threads: 1)).map { model.score($0) }
    #expect(scores.allSatisfy { $0 < threshold })
    // Every corner far outside; one of them at least is parted from all others at once.
    let corners = (0..<81).flatMap { corner in
      [1, 3, 9, 27].map { Float(corner / $0 % 3 - 1) * 99 }
    }
    let far = try NumericTable(names: table.names, rows: 81, values: corners)
    let margins = model.forest.margins(far, workers: Workers(threads: 1))
    #expect(margins.contains { model.score($0) >= threshold })
  }

  @Test(
    "Without a label it finds rows that stand apart, within its alarms a day, and is saved with its meaning"
  )
  func trained() throws {
    let (table, held) = (
      try table(rows: 3000, seed: 5, missing: 0.05), try table(rows: 1000, seed: 6, missing: 0.05)
    )
    let trained = try RarityTrainer(seed: 7, threads: 2, alarmsPerDay: 2).train(
      table, held: held, days: 5, featureDigest: "d")
    let model = trained.model
    #expect(model.meaning == .rarity)
    let margins = model.forest.margins(held, workers: Workers(threads: 1))
    let scores = margins.map { model.score($0) }
    let threshold = try #require(model.alertThreshold)
    let alarms = scores.indices.filter { scores[$0] >= threshold }
    #expect((1...10).contains(alarms.count))
    #expect(alarms.allSatisfy { $0 % 50 == 0 })
    let data = try ModelFile.encode(model)
    let back = try ModelFile.decode(data, name: "m")
    #expect(back.meaning == .rarity)
    #expect(back.digest == model.digest)
    let other = String(decoding: data, as: UTF8.self).replacing("\"rarity\"", with: "\"luck\"")
    #expect(
      Fixture.failure { _ = try ModelFile.decode(Data(other.utf8), name: "m.json") }
        == "m.json: the meaning 'luck' of a score is unknown (known: probability, rarity)")
    #expect(
      Fixture.failure {
        _ = try RarityTrainer(seed: 7, threads: 1, alarmsPerDay: 2).train(
          table.slice(0..<1), held: held, days: 5, featureDigest: "d")
      } == "1001 rows are too few to tell what is rare (give more events)")
  }
}
