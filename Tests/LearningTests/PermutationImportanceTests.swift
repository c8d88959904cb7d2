import Primitives
import Testing

@testable import Learning

@Suite("Permutation importance")
struct PermutationImportanceTests {
  /// Labels follow the first column and the product of the next two; the fourth is noise.
  private func table(_ rows: Int, seed: UInt64) throws -> (NumericTable, [Bool]) {
    var random = SeededRandom(seed: seed)
    var values: [Float] = []
    var labels: [Bool] = []
    for _ in 0..<rows {
      let cells = (0..<4).map { _ in random.normal(mean: 0, deviation: 1) }
      labels.append(cells[0] > 1.2 || cells[1] * cells[2] > 2)
      values += cells.map { Float($0) }
    }
    return (try NumericTable(names: ["a", "b", "c", "noise"], rows: rows, values: values), labels)
  }

  @Test("What the label follows costs, noise does not, whatever the number of threads")
  func losses() throws {
    let (training, known) = try table(4_000, seed: 1)
    var options = BoostingOptions()
    options.rounds = 40
    let model = try Trainer(options).train(
      training, labels: known.map { $0 ? 1 : 0 }, featureDigest: "x"
    ).model
    let (test, truth) = try table(2_000, seed: 2)
    let losses = PermutationImportance.losses(
      model.forest, test, labels: truth, seed: 3, workers: Workers(threads: 1))
    #expect(losses.count == 4)
    #expect(losses.last?.feature == "noise")
    #expect(abs(losses[3].loss) < 0.03)
    #expect(losses.prefix(3).allSatisfy { $0.loss > 0.05 })
    let again = PermutationImportance.losses(
      model.forest, test, labels: truth, seed: 3, workers: Workers(threads: 3))
    #expect(again.map(\.loss) == losses.map(\.loss))
    let none = PermutationImportance.losses(
      model.forest, test, labels: truth.map { _ in false }, seed: 3, workers: Workers(threads: 1))
    #expect(none.isEmpty)
  }
}
