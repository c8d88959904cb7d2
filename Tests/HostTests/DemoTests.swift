import Cases
import Detection
import Foundation
import Ingest
import Learning
import Plugins
import Primitives
import Store
import Synchronization
import Synthetic
import Testing

@testable import Host

private let unreleased = Mutex<[String]>([])

/// One demo that several tests look at.
private struct Demo: Sendable {
  let scratch: Scratch
  let settings: Settings
  let outcome: DemoOutcome
  let report: [UInt8]

  init(threads: Int) throws {
    scratch = try Scratch()
    settings = try shipped(scratch, threads: threads)
    let path = scratch.path + "/report.json"
    outcome = try DemoJob(settings: settings, events: 20_000, seed: 23, report: path).run(
      progress: NoProgress())
    report = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  var folder: String { settings.dataDirectory + "/demo" }

  func labels(_ part: String) throws -> [Label] {
    try LabelFile.read("\(folder)/labels-\(part).csv")
  }

  var alerts: [Alert] {
    get throws {
      try text(of: folder + "/alerts.jsonl").split(separator: "\n").map {
        try AlertReader.alert(Array($0.utf8))
      }
    }
  }

  /// What `detect` finds in the demo's events with the demo's model.
  func detect(
    threads: Int, inputs: [String]? = nil, out: Scratch
  ) throws -> (lines: String, outcome: DetectOutcome) {
    var settings = settings
    settings.threads = threads
    settings.dataDirectory = out.path + "/var"
    let alerts = out.path + "/alerts-\(threads).jsonl"
    let outcome = try DetectJob(
      settings: settings,
      options: DetectOptions(
        inputs: inputs ?? [folder + "/events.jsonl"], source: "generic-jsonl",
        model: folder + "/model.json", alerts: alerts, keepsAlerts: false)
    ).run(progress: NoProgress())
    return (try text(of: alerts), outcome)
  }

  /// Nothing static is released, so its folder is removed when the tests end.
  static let shared = Result {
    let demo = try Demo(threads: 2)
    unreleased.withLock { $0.append(demo.scratch.path) }
    atexit {
      for path in unreleased.withLock({ $0 }) {
        do {
          try FileManager.default.removeItem(atPath: path)
        } catch {
          print("left behind: \(path)")
        }
      }
    }
    return demo
  }
}

@Suite("The demo from end to end")
struct DemoTests {
  private let demo: Demo

  init() throws { demo = try Demo.shared.get() }

  @Test("It leaves the rules' figures, as any run does")
  func health() throws {
    let top = try PluginJobs(settings: demo.settings, folders: []).top()
    #expect(top.command == "demo" && top.events == demo.outcome.detect.events)
    #expect(top.plugins.contains { $0.id == "auth.login-burst" && $0.calls > 0 })
    #expect(top.health.contains { $0.firing.alerts > 0 && $0.firing.perDay != nil })
  }

  @Test("Its figures are those of its alerts and labels, worked out anew")
  func figures() throws {
    let quality = try #require(demo.outcome.detect.quality)
    let alerts = try demo.alerts
    let labels = try demo.labels("test")
    let installation = try Installation(demo.settings)
    let plugins = installation.plugins
    // Findings that joined are not in the file of alerts; a second pass over the same events tells them.
    let mapping = try installation.source("generic-jsonl")
    let input = try EventInput(
      [demo.folder + "/events.jsonl"], mapping: mapping, settings: demo.settings, strict: true)
    let model = try loadModel()
    var plan = try RunPlan(
      installation: installation, settings: demo.settings, mapping: mapping,
      schema: input.schema, interner: input.interner, model: (model, "demo"))
    plan.judgeFrom = demo.outcome.testStart
    let run = try DetectionRun(plan, pool: WorkerPool(count: 1))
    var output = Capture()
    output.wantsScores = true
    let pump = input.pump()
    while let batch = try pump.next() {
      try run.take(batch, output: &output)
      pump.recycle(batch)
    }
    #expect(output.alerts == alerts)
    try check(
      quality.detection, alerts: alerts, joins: output.joins, labels: labels,
      expected: plugins.expectedMappings,
      names: { name in plugins.scenarios.first { $0.label.name == name }?.id ?? name })
    #expect(demo.outcome.detect.alerts == alerts.count)
    let days = (World.usualStart + .days(30) - demo.outcome.testStart).seconds / 86_400
    #expect(demo.outcome.testDays == days && days == 12)
    #expect(
      abs(demo.outcome.falseAlertsPerDay - Double(quality.detection.falseAlerts) / days) < 1e-12)
    #expect(abs(demo.outcome.alertsPerDay - Double(alerts.count) / days) < 1e-12)

    let positives = Set(labels.map(\.eventID))
    #expect(
      abs(
        quality.baseRate - Double(output.scores.count { positives.contains($0.id) })
          / Double(output.scores.count)) < 1e-12)
    // What the model says is bounded by its calibration's steps; its order must not contradict them.
    let auc = try #require(quality.rocAUC)
    #expect(auc > 0.5 && auc <= 1)
    try attributions(output, model)
  }

  @Test(
    "Its model and rules are known of every time that they judged, and the model's file scores as it did"
  )
  func setups() throws {
    let control = Control(settings: demo.settings)
    let last = try #require(try demo.alerts.last)
    let setup = try #require(try control.setup(at: last.time).setup)
    #expect(setup.hasSamePlugins && setup.inForce.pluginsDigest == last.pluginsDigest)
    #expect(setup.inForce.first >= demo.outcome.testStart)
    let model = try loadModel()
    #expect(setup.model?.digest == model.digest && setup.model?.name == "demo")
    #expect(setup.model?.isKept == true)
    let file = Data(try control.modelFile(at: last.time).utf8)
    #expect(try ModelFile.decode(file, name: "then").digest == model.digest)
    // What only filled windows was judged by nobody.
    #expect(try control.setup(at: demo.outcome.testStart - .days(1)).setup == nil)
    #expect(
      Set(setup.rules.map(\.id))
        == Set(try Installation(demo.settings).plugins.rules.map(\.id)))
  }

  @Test("Every figure that an alert states is the sum of its parts, and no reason is told twice")
  func contributions() throws {
    let store = AlertStore(
      try Database.open(dataDirectory: demo.settings.dataDirectory, access: .readOnly))
    let model = try loadModel()
    var scored = 0
    for stored in try store.alerts(AlertFilter(limit: nil)) {
      let alert = stored.alert
      let frozen = try #require(try store.frozen(alert.id))
      let made = try #require(frozen.contributions)
      #expect(Contributions.sum(made.severity) == Double(alert.severity.rawValue), "\(alert.id)")
      #expect((made.confidence == nil) == (alert.confidence == nil))
      if let confidence = alert.confidence, let parts = made.confidence {
        #expect(abs(Contributions.sum(parts) - confidence) < 1e-9, "\(alert.id)")
      }
      if let margin = frozen.margin, let score = alert.score {
        scored += 1
        let parts = frozen.features.compactMap(\.contribution)
        #expect(abs(frozen.bias + parts.reduce(0, +) - margin) < 1e-5, "\(alert.id)")
        #expect(abs(model.score(margin) - score) < 1e-9, "\(alert.id)")
      }
      let texts = alert.reasons.map(\.text)
      #expect(Set(texts).count == texts.count, "\(texts)")
      #expect(!texts.contains { $0.contains("unknown") }, "\(texts)")
    }
    #expect(scored > 30)
  }

  private func loadModel() throws -> Model { try ModelFile.load(path: demo.folder + "/model.json") }

  /// On every alert with a score the attributions and the bias sum to the margin, and the margin calibrates to the score.
  private func attributions(_ output: Capture, _ model: Model) throws {
    var scored = 0
    for (alert, frozen) in zip(output.alerts, output.frozen) {
      guard let margin = frozen.margin, let score = alert.score else {
        #expect(alert.kind == .rule)
        continue
      }
      scored += 1
      let sum = frozen.features.compactMap(\.contribution).reduce(frozen.bias, +)
      #expect(abs(sum - margin) < 1e-5 * (1 + abs(margin)), "\(alert.id)")
      #expect(abs(model.score(margin) - score) < 1e-12, "\(alert.id)")
    }
    #expect(scored > 0)
    #expect(output.alerts.contains { $0.kind == .model })
  }

  @Test("A second run with another number of threads gives the same files and the same digest")
  func deterministic() throws {
    let other = try Demo(threads: 3)
    #expect(other.outcome.detect.digest == demo.outcome.detect.digest)
    #expect(other.outcome.detect.digest.count == 64)
    for file in [
      "events.jsonl", "labels-training.csv", "labels-test.csv", "model.json", "alerts.jsonl",
    ] {
      #expect(
        try text(of: other.folder + "/" + file) == text(of: demo.folder + "/" + file), "\(file)")
    }
  }

  /// What the study of the first system says of each of its seven attacks.
  private struct Row {
    var scenario: String
    var mapping: String
    var category: String
    var risk: Risk
    var cost: Double
    var per: CostUnit
    var compliance: [String]
    var owner: String
    var minutes: Int
  }

  private static let rows = [
    Row(
      scenario: "auth.login-burst", mapping: "account-takeover",
      category: "Security - Account Takeover", risk: .high, cost: 500, per: .incident,
      compliance: ["SOC2", "GDPR"], owner: "security_team", minutes: 15),
    Row(
      scenario: "auth.off-hours", mapping: "insider-threat", category: "Security - Insider Threat",
      risk: .medium, cost: 100, per: .incident, compliance: ["SOC2"], owner: "hr_security",
      minutes: 120),
    Row(
      scenario: "fraud.card-testing", mapping: "card-testing", category: "Fraud - Card Testing",
      risk: .high, cost: 1000, per: .incident, compliance: ["PCI-DSS"], owner: "fraud_team",
      minutes: 5),
    Row(
      scenario: "fraud.high-value", mapping: "stolen-card", category: "Fraud - Stolen Card",
      risk: .critical, cost: 5000, per: .incident, compliance: ["PCI-DSS", "Regulation E"],
      owner: "fraud_team", minutes: 5),
    Row(
      scenario: "fraud.round-amounts", mapping: "money-laundering",
      category: "Fraud - Money Laundering", risk: .high, cost: 10_000, per: .incident,
      compliance: ["BSA", "AML", "FinCEN"], owner: "compliance_team", minutes: 60),
    Row(
      scenario: "metrics.spike", mapping: "performance", category: "Infrastructure - Performance",
      risk: .high, cost: 200, per: .minute, compliance: ["SLA"], owner: "sre_team", minutes: 10),
    Row(
      scenario: "metrics.drift", mapping: "degradation", category: "Infrastructure - Degradation",
      risk: .medium, cost: 500, per: .day, compliance: ["SLA"], owner: "sre_team", minutes: 10),
  ]

  @Test("Each of the seven rows is reached by an alert on its own planted attack, with all it says")
  func sevenRows() throws {
    let labels = try demo.labels("test")
    let alerts = try demo.alerts
    let store = AlertStore(
      try Database.open(dataDirectory: demo.settings.dataDirectory, access: .readOnly))
    let scenarios = try Installation(demo.settings).plugins.scenarios
    for row in DemoTests.rows {
      let name = try #require(scenarios.first { $0.id == row.scenario }?.label.name)
      let planted = Set(labels.filter { $0.name == name }.map(\.eventID))
      // An alert may have been raised a moment before the attack began, and then counts what joined it.
      let own = try alerts.filter { alert in
        guard alert.mapping == row.mapping else { return false }
        let joined = try store.suppressed(withAlert: alert.id, limit: 1000).map(\.eventID)
        return !planted.isDisjoint(with: [alert.eventID] + joined)
      }
      #expect(!own.isEmpty, "\(row.scenario) is never called \(row.mapping)")
      for alert in own {
        #expect(alert.category == row.category && alert.risk == row.risk)
        #expect(alert.costUSD == row.cost && alert.costPer == row.per)
        #expect(alert.compliance == row.compliance && alert.owner == row.owner)
        #expect(alert.slaSeconds == row.minutes * 60 && alert.action?.isEmpty == false)
      }
    }
    #expect(Set(DemoTests.rows.map(\.scenario)) == Set(DemoJob.scenarios))
  }

  @Test("What costs by the minute or the day is multiplied by how long it went on")
  func duration() throws {
    let store = AlertStore(
      try Database.open(dataDirectory: demo.settings.dataDirectory, access: .readOnly))
    let book = IncidentBook(try store.facts(), settings: demo.settings.judgement.incidents)
    var lasting = 0
    for incident in book.incidents where incident.facts.contains(where: { $0.costPer == .minute }) {
      lasting += 1
      let flat = incident.facts.filter { $0.costPer == .minute }.map(\.cost.count).max() ?? 0
      #expect(incident.cost.count >= flat, "\(incident.id)")
    }
    #expect(lasting > 0)
  }

  @Test("Reasons say what is usual at the hour and for peers, and no sentence has a hole in it")
  func sentences() throws {
    let alerts = try demo.alerts
    for alert in alerts {
      for text in [alert.title, alert.message] + alert.reasons.map(\.text) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        #expect(!words.contains("") && !words.contains("nan") && !words.contains("inf"), "\(text)")
      }
    }
    let reasons = alerts.flatMap(\.reasons)
    #expect(reasons.contains { $0.usual != nil && $0.peers != nil })
    #expect(reasons.contains { if case .hourOfDay? = $0.usual?.basis { true } else { false } })
    for reason in reasons {
      if let usual = reason.usual {
        #expect(usual.contains(usual.median))
        #expect(usual.period > 0 || (usual.low <= usual.median && usual.median <= usual.high))
        #expect(reason.normal == usual.median)
      }
    }
  }

  @Test("What is planted to learn from and to be found shares no entity and no event")
  func apart() throws {
    let training = try demo.labels("training")
    let test = try demo.labels("test")
    func entities(_ labels: [Label]) -> Set<[String]> {
      Set(labels.map { [$0.entityField, $0.entity] })
    }
    #expect(!training.isEmpty && !test.isEmpty)
    #expect(entities(training).isDisjoint(with: entities(test)))
    #expect(Set(training.map(\.eventID)).isDisjoint(with: test.map(\.eventID)))
    #expect(training.allSatisfy { $0.knownAt <= demo.outcome.testStart })
    #expect(test.allSatisfy { $0.start >= demo.outcome.testStart })
    let names = Set(
      try Installation(demo.settings).plugins.scenarios.filter {
        DemoJob.scenarios.contains($0.id)
      }.map(\.label.name))
    #expect(names.count == 7)
    #expect(Set(training.map(\.name)) == names && Set(test.map(\.name)) == names)
  }

  @Test("Every label names one planted event of its entity inside its interval, and nothing else")
  func consistent() throws {
    let labels = try demo.labels("training") + demo.labels("test")
    let lines = try text(of: demo.folder + "/events.jsonl").split(separator: "\n")
    #expect(lines.count == demo.outcome.events)
    var events: [String: (time: Timestamp, object: JSONValue)] = [:]
    var last = Timestamp.distantPast
    for line in lines {
      let object = try JSONValue.parse(String(line))
      let id = try #require(object["id"]?.text)
      let time = try #require(object["time"]?.text.flatMap(TimeWords.parse))
      #expect(events.updateValue((time, object), forKey: id) == nil, "\(id) stands twice")
      #expect(time >= last)
      last = time
    }
    for label in labels {
      let event = try #require(events[label.eventID], "\(label.eventID)")
      #expect(event.object[label.entityField]?.text == label.entity)
      #expect(label.start <= event.time && event.time <= label.end)
    }
    #expect(Set(labels.map(\.eventID)).count == labels.count)
  }

  @Test("Its alerts are in the database as in the file")
  func stored() throws {
    let control = Control(settings: demo.settings)
    let stored = try control.list(limit: 100_000).map(\.alert)
    #expect(Set(stored.map(\.id)) == Set(try demo.alerts.map(\.id)))
    let first = try #require(try demo.alerts.first)
    #expect(try control.alert(first.id).stored.alert.title == first.title)
  }

  @Test("Detect gives the same alerts with one to four threads and from ten files as from one")
  func detect() throws {
    let out = try Scratch()
    let one = try demo.detect(threads: 1, out: out)
    #expect(!one.lines.isEmpty)
    for threads in 2...4 {
      let other = try demo.detect(threads: threads, out: out)
      #expect(other.lines == one.lines, "\(threads) threads")
      #expect(other.outcome.report.digest == one.outcome.report.digest)
    }
    let lines = try text(of: demo.folder + "/events.jsonl").split(separator: "\n")
    let parts = try (0..<10).map { part in
      let range = (lines.count * part / 10)..<(lines.count * (part + 1) / 10)
      return try out.write(
        "part-\(part).jsonl", lines[range].joined(separator: "\n") + "\n")
    }
    #expect(try demo.detect(threads: 2, inputs: parts, out: out).lines == one.lines)
  }

  @Test("Each scenario plants the same again from one seed, and otherwise from another")
  func plantings() throws {
    let installation = try Installation(demo.settings)
    let world = World(seed: 2, days: 12, events: 8000)
    let scenarios = try ScenarioPlanter.scenarios(
      installation.plugins.scenarios.filter { DemoJob.scenarios.contains($0.id) },
      vocabulary: installation.vocabulary, lists: installation.lists)
    for scenario in scenarios {
      let first = try Injector(seed: 1, count: 2).plant([scenario], into: world)
      let again = try Injector(seed: 1, count: 2).plant([scenario], into: world)
      let other = try Injector(seed: 2, count: 2).plant([scenario], into: world)
      #expect(!first.events.isEmpty, "\(scenario.id)")
      #expect(first.events == again.events && first.labels == again.labels, "\(scenario.id)")
      #expect(first.events.map(\.fields) != other.events.map(\.fields), "\(scenario.id)")
      #expect(first.labels.allSatisfy { $0.name == scenario.label.name })
    }
  }
}

extension JSONValue {
  fileprivate subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  fileprivate var text: String? {
    if case .text(let text) = self { text } else { nil }
  }
}
