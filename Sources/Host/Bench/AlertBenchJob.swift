import Cases
import Detection
import Foundation
import Glibc
package import Primitives
import Store

/// Measures what the questions of an analyst take over a data directory of many alerts, made from a seed through the store.
package struct AlertBenchJob: Sendable {
  private let settings: Settings
  private let alerts: Int
  private let repeats: Int
  /// Where the directory is made and left; a temporary one that is removed where missing.
  private let folder: String?
  private let command: [String]

  /// - Parameter folder: a data directory that does not exist yet, left for looking around.
  package init(
    settings: Settings, alerts: Int, repeats: Int, folder: String? = nil, command: [String]
  ) {
    self.settings = settings
    self.alerts = alerts
    self.repeats = repeats
    self.folder = folder
    self.command = command
  }

  package func run(progress: some JobProgress) throws(Failure) -> BenchReport {
    let place = folder ?? NSTemporaryDirectory() + "moonwatch-bench-\(getpid())-alerts"
    defer { if folder == nil { ScratchFolder.remove(place) } }
    if let folder, FileManager.default.fileExists(atPath: folder + "/moonwatch.db") {
      throw Failure(
        .usage, "'\(folder)' is a data directory already", advice: "name one that is to be made")
    }
    var settings = settings
    settings.dataDirectory = place
    try fill(settings, progress)
    let control = Control(settings: settings)
    let newest = try control.store(.readOnly).newestAlert() ?? .distantPast
    let questions: [(name: String, ask: () throws(Failure) -> Int)] = [
      ("list_50_ms", { () throws(Failure) in try control.list(limit: 50).count }),
      (
        "list_day_ms",
        { () throws(Failure) in try control.list(since: newest - .days(1), limit: .max).count }
      ),
      ("entities_ms", { () throws(Failure) in try control.entities().risks.count }),
      ("incidents_ms", { () throws(Failure) in try control.incidents().count }),
      ("queue_ms", { () throws(Failure) in try control.queue().count }),
      ("ledger_ms", { () throws(Failure) in try control.ledger().rows.count }),
      ("feedback_ms", { () throws(Failure) in try control.feedback(limit: 50).count }),
      (
        "export_ms",
        { () throws(Failure) in
          try control.export(AlertFilter(limit: nil), as: .jsonl, to: place + "/alerts.jsonl")
        }
      ),
    ]
    var report = BenchReport("alerts", command: command)
    report.settings = [.init("alerts", .integer(Int64(alerts)))]
    progress.begin("ask", total: questions.count)
    for (place, question) in questions.enumerated() {
      var wall = BenchReport.Measure(question.name, unit: "ms")
      var answered = 0
      for _ in 0..<repeats {
        let clock = BenchClock()
        answered = try question.ask()
        wall.samples.append(clock.wallSeconds * 1e3)
      }
      report.measures.append(wall)
      report.results.append(
        .init(question.name.replacing("_ms", with: "_rows"), .integer(Int64(answered))))
      progress.advance(to: place + 1)
    }
    progress.end("\(alerts) alerts")
    return report
  }

  /// Thirty days of alerts on a few thousand entities, a third of them closed, with evidence of the usual size.
  private func fill(_ settings: Settings, _ progress: some JobProgress) throws(Failure) {
    let store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory), pen: .system("bench"))
    let run = try store.begin(
      RunRecord(command: "bench", started: WallClock.now(), input: "made up"))
    var random = SeededRandom(seed: 1, purpose: "bench alerts")
    let step = 30 * 86_400_000_000 / Int64(max(1, alerts))
    var time = Timestamp(seconds: 1_772_323_200)
    var fresh: [NewAlert] = []
    var closing: [FeedbackLine] = []
    progress.begin("make", total: alerts)
    for number in 0..<alerts {
      time = time + TimeSpan(microseconds: step)
      let alert = alert(number, at: time, &random)
      fresh.append(alert)
      if random.chance(0.3) {
        let all = StoredAlert.Disposition.allCases
        closing.append(
          FeedbackLine(
            number: number, target: .alert(alert.alert.id),
            disposition: all[random.below(all.count)], note: nil))
      }
      if fresh.count == 1000 || number == alerts - 1 {
        try store.write(fresh, run: run, at: time)
        _ = try store.give(closing, at: time)
        fresh = []
        closing = []
        progress.advance(to: number + 1)
      }
    }
    progress.end("\(alerts) alerts")
  }

  private func alert(
    _ number: Int, at time: Timestamp, _ random: inout SeededRandom
  ) -> NewAlert {
    let who = Entity(field: "user", value: "user-\(random.below(3000))")
    let device = Entity(field: "device", value: "PC-\(random.below(2000))")
    let kind = random.below(12)
    let names = FeatureSet.standard.features.map(\.name)
    let event = EventRecord(
      time: time, id: "event-\(number)", source: "bench", kind: "login",
      fields: [
        "user": .text(who.value), "device": .text(device.value), "outcome": .text("failure"),
      ], primaryField: "user")
    let finding = Finding(
      row: 0, origin: .rule(id: "bench.rule-\(kind)"), severity: .medium,
      title: "Something odd of kind \(kind)", message: "")
    let evidence = Evidence(
      event: event, entity: who, findings: [finding],
      features: names.map {
        Measurement(
          name: $0, value: random.uniform(0, 100),
          usual: Usual(median: 5, low: 3, high: 7, count: 40, basis: .overall))
      }, involved: [who, device])
    let facts = names.map {
      FrozenJudgement.Fact(
        name: $0, value: random.uniform(0, 100), move: .fixed,
        words: FeatureWords(phrase: "{n} of it in the last hour", decimals: 2))
    }
    let judgement = FrozenJudgement(
      event: event,
      rules: (0..<3).map {
        FrozenJudgement.Ruling(
          id: "bench.rule-\($0)", digest: "0", fired: $0 == kind, facts: facts)
      }, model: nil)
    let id = String(StableHash.of(UInt64(number)), radix: 16)
    let alert = Alert(
      id: String(repeating: "0", count: 16 - id.count) + id + "0000", time: time,
      eventID: event.id, source: event.source, entity: who, kind: .rule,
      rule: "bench.rule-\(kind)", score: nil, confidence: nil,
      severity: Severity.allCases[random.below(5)], title: finding.title,
      message: "\(who.value) did something odd of kind \(kind) on \(device.value)",
      reasons: names.prefix(6).map {
        Reason(
          feature: $0, value: 20, normal: 5, contribution: nil,
          text: "20 of \($0) in the last hour; usually 3 to 7")
      },
      category: "Security - Bench", risk: .medium, costUSD: Double(50 + 10 * kind),
      costPer: .incident, compliance: ["SOC2"], action: "Look at it", owner: "security_team",
      slaSeconds: 3600, mapping: "bench.row-\(kind)", recurrence: 0,
      incident: "inc-\(id.prefix(8))", model: nil, pluginsDigest: nil)
    return NewAlert(alert, frozen: FrozenEvidence(evidence, judgement: judgement))
  }
}
