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
    let border = try #require(TimeWords.parse("2018-04-06"))
    let trained = try train(until: border)
    #expect(trained.rows == 1500)
    #expect(
      trained.split.trainRows + trained.split.validationRows + trained.split.testRows == 1500)
    #expect((trained.test.rocAUC ?? 0) > 0.95)
    let evaluated = try EvaluateJob(
      settings: settings, inputs: [input], source: "card-transactions",
      model: scratch.path + "/m.json", from: border
    ).run(progress: NoProgress())
    #expect(evaluated.quality.rows == trained.split.testRows)
    #expect(evaluated.quality.rocAUC == trained.test.rocAUC)
    #expect(evaluated.quality.averagePrecision == trained.test.averagePrecision)
    #expect(evaluated.quality.baseRate == trained.test.baseRate)
    #expect(try scratch.files == ["cards.csv", "m.json", "r.json", "var"])
  }

  @Test("Without labels nothing is reported that needs them: no base rate, no false alarms")
  func unlabelled() throws {
    let rows = Cards.csv(rows: 1500).split(separator: "\n").enumerated().map { row, line in
      row == 0 ? String(line) : String(line.dropLast()) + "0"
    }
    let file = try scratch.write("quiet.csv", rows.joined(separator: "\n") + "\n")
    let trained = try TrainJob(
      settings: settings, inputs: [file], source: "card-transactions", until: nil,
      fitting: FittingOptions(rounds: 30, depth: 3), model: scratch.path + "/rare.json",
      report: scratch.path + "/rare-report.json", unsupervised: true
    ).run(progress: NoProgress())
    #expect(trained.test.rows > 0)
    #expect(trained.test.baseRate == nil && trained.test.positives == nil)
    #expect(trained.test.brier == nil && trained.test.expectedCalibrationError == nil)
    #expect(trained.test.rocAUC == nil && trained.test.averagePrecision == nil)
    let threshold = try #require(trained.threshold)
    for tally in [threshold.validation, threshold.test] {
      #expect((tally?.rows ?? 0) > 0)
      #expect(tally?.falseAlarms == nil && tally?.incidents == nil && tally?.missed == nil)
    }
    let written = try text(of: scratch.path + "/rare-report.json")
    #expect(!written.contains("\"false_alarms\""))
    #expect(!written.contains("\"base_rate\""))
  }

  @Test("The same rows, seed and border give the same model")
  func sameAgain() throws {
    let first = try train()
    let again = try train(model: "n.json")
    #expect(first.modelDigest == again.modelDigest)
    #expect(try text(of: scratch.path + "/m.json") == text(of: scratch.path + "/n.json"))
  }

  @Test("Files given in another order give the same model, though their events share instants")
  func orderOfFiles() throws {
    var random = SeededRandom(seed: 3, purpose: "series")
    var labels = "entity_field,entity,start,end,type,name,severity,known_at,event_id\n"
    let files = try ["a", "b", "d"].map { series in
      var text = "timestamp,value\n"
      for step in 0..<600 {
        let time = Timestamp(seconds: 1_522_540_800 + Int64(step) * 300)
        let isOdd = random.below(20) == 0
        text +=
          "\(time.description.dropLast()),\(isOdd ? 90 + random.below(9) : random.below(20))\n"
        if isOdd { labels += "series,\(series),\(time),\(time),anomaly,odd,3,\(time),\n" }
      }
      return try scratch.write("\(series).csv", text)
    }
    let known = try scratch.write("labels.csv", labels)
    let digests = try [[0, 1, 2], [2, 0, 1], [1, 2, 0]].map { order in
      try TrainJob(
        settings: settings, inputs: order.map { files[$0] }, source: "nab", labels: known,
        fitting: FittingOptions(rounds: 20, depth: 3), model: scratch.path + "/o.json",
        report: scratch.path + "/o-report.json"
      ).run(progress: NoProgress()).modelDigest
    }
    #expect(Set(digests).count == 1)
  }

  @Test("The shares of rows and columns that a tree sees are those asked for, and checked")
  func shares() throws {
    func digest(_ rows: Double?, _ columns: Double?) throws -> String {
      var fitting = FittingOptions(rounds: 10, depth: 3)
      fitting.rowSample = rows
      fitting.columnSample = columns
      return try TrainJob(
        settings: settings, inputs: [input], source: "card-transactions", fitting: fitting,
        model: scratch.path + "/s.json", report: scratch.path + "/s-report.json"
      ).run(progress: NoProgress()).modelDigest
    }
    let standard = try digest(nil, nil)
    #expect(try digest(0.9, 0.8) == standard)
    #expect(try digest(0.3, nil) != standard)
    #expect(try digest(nil, 0.3) != standard)
    #expect(failure { _ = try digest(7, nil) }.contains("row sample"))
  }

  @Test("A report over an input, its labels or the model is refused, and they stay as they are")
  func overInputs() throws {
    _ = try train()
    let labels = try scratch.write("l.csv", "event_id,type\n")
    for path in [input, scratch.path + "/m.json", labels] {
      let before = try text(of: path)
      #expect(
        failure {
          _ = try EvaluateJob(
            settings: settings, inputs: [input], source: "card-transactions", labels: labels,
            model: scratch.path + "/m.json", report: path
          ).run(progress: NoProgress())
        } == "'\(path)' is an input and would be overwritten (choose another file to write to)")
      #expect(try text(of: path) == before)
    }
  }

  @Test("A model is refused where the features are defined otherwise")
  func otherFeatures() throws {
    _ = try train()
    let events = try scratch.write(
      "e.jsonl",
      (0..<50).map {
        #"{"id":"e\#($0)","time":"2018-04-02T10:00:\#(10 + $0)Z","source":"s","kind":"transaction","#
          + #""card":"c","amount":5}"# + "\n"
      }.joined())
    let said = failure {
      _ = try EvaluateJob(
        settings: settings, inputs: [events], source: "generic-jsonl",
        model: scratch.path + "/m.json"
      ).run(progress: NoProgress())
    }
    #expect(said.hasPrefix("the model was trained on features"), "\(said)")
  }

  @Test("Too little to learn from is told with what to do")
  func refused() throws {
    #expect(
      failure { _ = try train(until: TimeWords.parse("2030-01-01")) }
        == "no event lies after 2030-01-01T00:00:00Z, so there is nothing to test on "
        + "(choose an earlier --until, or a smaller --split)")
    #expect(
      failure { _ = try train(until: TimeWords.parse("2018-04-01")) }
        == "the split leaves no events to train on (choose a later --until, or give more events)")
    #expect(
      failure { _ = try train(model: "same.json", report: "same.json") }
        == "two outputs are to go to '\(scratch.path)/same.json' (name a file for each)")
    let honest = try scratch.write(
      "honest.csv", Cards.header + "1,2018-04-01 00:00:00,a,t,5,0\n2,2018-04-01 00:01:00,a,t,5,0\n")
    func unlabelled(_ fitting: FittingOptions) throws {
      _ = try TrainJob(
        settings: settings, inputs: [honest], source: "card-transactions", fitting: fitting,
        model: scratch.path + "/h.json"
      ).run(progress: NoProgress())
    }
    #expect(
      failure { try unlabelled(FittingOptions()) }
        == "the split leaves no events to train on (choose a later --until, or give more events)")
    var searching = FittingOptions()
    searching.search = SearchPlan(trials: 2)
    #expect(
      failure { try unlabelled(searching) }
        == "without labels there is nothing to compare or to search by (give --labels, or leave out"
        + " --compare and --search)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/h.json"))
  }

  @Test("Nothing to judge is told")
  func nothingToJudge() throws {
    _ = try train()
    #expect(
      failure {
        _ = try EvaluateJob(
          settings: settings, inputs: [input], source: "card-transactions",
          model: scratch.path + "/m.json", from: TimeWords.parse("2030-01-01")
        ).run(progress: NoProgress())
      } == "no event lies after 2030-01-01T00:00:00Z, so there is nothing to judge "
        + "(choose an earlier --from)")
  }

  @Test(
    "Planting into a file labels what was planted, keeps apart what the source knew, and repeats")
  func inject() throws {
    func plant(_ name: String, seed: UInt64) throws -> InjectSummary {
      try InjectJob(
        settings: settings, inputs: [input], source: "card-transactions", count: 2, seed: seed,
        out: scratch.path + "/\(name).jsonl", labels: scratch.path + "/\(name).csv"
      ).run(progress: NoProgress())
    }
    let first = try plant("a", seed: 5)
    _ = try plant("b", seed: 5)
    _ = try plant("c", seed: 6)
    let events = try text(of: scratch.path + "/a.jsonl")
    #expect(try events == text(of: scratch.path + "/b.jsonl"))
    #expect(
      try text(of: scratch.path + "/a.csv") == text(of: scratch.path + "/b.csv"))
    #expect(try events != text(of: scratch.path + "/c.jsonl"))
    #expect(first.events == 1500 && !first.planting.incidents.isEmpty)
    #expect(events.split(separator: "\n").count == 1500 + first.planting.events.count)
    let labels = try LabelSource.read(scratch.path + "/a.csv")
    let own = try LabelSource.read(scratch.path + "/a-own.csv")
    let frauds = Cards.csv(rows: 1500).split(separator: "\n").count { $0.hasSuffix(",1") }
    #expect(labels == first.planting.labels)
    #expect(own.count == frauds)
  }

  @Test(
    "What is planted to train on and to test on share no entity, and the first is known in time")
  func parted() throws {
    let (events, _) = try EventInput(
      [input], mapping: Installation.source("card-transactions", settings), settings: settings,
      strict: true
    ).records(progress: NoProgress())
    let half = TimeSplit.border(times: events.map(\.time), testShare: 0.5)
    let summary = try InjectJob(
      settings: settings, inputs: [input], source: "card-transactions", count: 3, seed: 5,
      out: scratch.path + "/p.jsonl", labels: scratch.path + "/p.csv"
    ).parted(InjectJob.Parting(until: nil, share: 0.5)).run(progress: NoProgress())
    let before = summary.planting.labels.filter { $0.start < half }
    let after = summary.planting.labels.filter { $0.start >= half }
    #expect(!before.isEmpty && !after.isEmpty)
    #expect(before.allSatisfy { $0.end < half && $0.knownAt <= half })
    #expect(Set(before.map(\.entity)).isDisjoint(with: after.map(\.entity)))
  }
}
