import Detection
import Foundation
import Learning
import Primitives
import Synthetic
import Testing

@testable import Host

/// Cards that buy at rest and, when stolen, buy much at once: enough for a model to learn something.
private enum Cards {
  static let header = "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD\n"

  static func csv(rows: Int) -> String {
    var random = SeededRandom(seed: 12, purpose: "cards")
    var text = header
    let start = Timestamp(seconds: 1_522_540_800)
    for row in 0..<rows {
      let isFraud = random.below(25) == 0
      let amount = isFraud ? 400 + random.below(400) : 5 + random.below(90)
      let time = start + .seconds(Int64(row) * 400 + Int64(random.below(300)))
      text += "\(row),\(time.description.dropLast()),c\(random.below(20)),t\(random.below(9)),"
      text += "\(amount),\(isFraud ? 1 : 0)\n"
    }
    return text
  }
}

@Suite("Training and evaluation")
struct TrainingJobTests {
  private let scratch: Scratch
  private let settings: Settings
  private let input: String

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
    input = try scratch.write("cards.csv", Cards.csv(rows: 1500))
  }

  private func train(
    until: Timestamp? = nil, model: String = "m.json", report: String = "r.json"
  ) throws -> TrainingReport {
    try TrainJob(
      settings: settings, inputs: [input], source: "card-transactions", until: until,
      fitting: FittingOptions(rounds: 30, depth: 3), model: scratch.path + "/" + model,
      report: scratch.path + "/" + report
    ).run(progress: NoProgress())
  }

  @Test("A model is trained before a time and judged after it; evaluating those rows says the same")
  func trainAndEvaluate() throws {
    let (events, _) = try EventInput(
      [input], mapping: Installation.source("card-transactions", settings), settings: settings,
      strict: true
    ).records(progress: NoProgress())
    let border = TimeSplit.border(times: events.map(\.time), testShare: 0.5)
    let summary = try InjectJob(
      settings: settings, inputs: [input], source: "card-transactions", count: 3, seed: 5,
      out: scratch.path + "/p.jsonl", labels: scratch.path + "/p.csv"
    ).parted(InjectJob.Parting(until: nil, share: 0.5)).run(progress: NoProgress())
    let before = summary.planting.labels.filter { $0.start < border }
    let after = summary.planting.labels.filter { $0.start >= border }
    #expect(!before.isEmpty && !after.isEmpty)
    #expect(before.allSatisfy { $0.end < border && $0.knownAt <= border })
    #expect(Set(before.map(\.entity)).isDisjoint(with: after.map(\.entity)))
  }
}
