import Cases
import Detection
import Ingest
import Learning
import Plugins
import Primitives
import Store
import Testing

@testable import Host

/// What is said to clear an alert is done to the events, which are then judged anew.
struct CounterfactualTests {
  /// A purchase with a card, the `place`-th of its month.
  private func payment(_ place: Int, at seconds: Int64, _ amount: Double) -> EventRecord {
    EventRecord(
      time: Timestamp(seconds: 1_772_442_000 + seconds), id: "p\(place)",
      source: "card-transactions",
      kind: "transaction",
      fields: [
        "card": .text("c1"), "amount": .number(amount), "merchant": .text("m\(place % 3)"),
        "currency": .text("USD"),
      ], primaryField: "card")
  }

  private var month: [EventRecord] {
    var random = SeededRandom(seed: 3)
    var events = (0..<60).map {
      payment($0, at: Int64($0) * 30_000, (random.uniform(5, 120) * 100).rounded() / 100)
    }
    events.append(payment(60, at: 60 * 30_000 + 12 * 86_400, 4285.02))
    return events
  }

  private func judged(
    _ events: [EventRecord], _ bench: Bench, model: (Model, String)? = nil
  ) throws -> Capture {
    var plan = try bench.plan()
    if let model {
      plan.model = (model.0, "test")
      plan.modelPath = model.1
    }
    let run = try DetectionRun(plan, pool: WorkerPool(count: 1))
    let batch = EventBatch(schema: plan.schema)
    for event in events { batch.append(event, interner: plan.interner) }
    var output = Capture()
    try run.take(ReadBatch(events: batch, labels: [], readyAt: 0), output: &output)
    return output
  }

  private func last(_ output: Capture) throws -> (Alert, FrozenEvidence) {
    let place = try #require(output.alerts.lastIndex { $0.eventID == "p60" })
    // As the database would give it back.
    let bytes = Array(output.frozen[place].json.serialized().utf8)
    return (output.alerts[place], try FrozenEvidence(bytes))
  }

  @Test(
    "An amount that would have cleared a rule's alert clears it when judged anew, one cent nearer does not"
  )
  func rule() throws {
    let scratch = try Scratch()
    let settings = try shipped(scratch, threads: 1)
    let bench = try Bench(settings)
    var events = month
    let (alert, frozen) = try last(judged(events, bench))
    #expect(alert.rule == "fraud.high-value")
    let answer = CounterfactualDesk(bench.installation, settings: settings).answer(
      alert, frozen: frozen)
    #expect(answer.verdict == .clears)
    let change = try #require(answer.changes.first)
    #expect(change.quantity == "amount" && answer.changes.count == 1)
    #expect(answer.sentence == "an amount of 2,499.99 instead of 4,285.02")
    events[60].fields["amount"] = .number(change.to)
    #expect(try !judged(events, bench).alerts.contains { $0.eventID == "p60" })
    events[60].fields["amount"] = .number(change.to + 0.01)
    #expect(try judged(events, bench).alerts.contains { $0.eventID == "p60" })
  }

  @Test(
    "Through a model and rules together, single changes are the smallest that the whole pipeline knows"
  )
  func modelAndRules() throws {
    let scratch = try Scratch()
    let settings = try shipped(scratch, threads: 1)
    let bench = try Bench(settings)
    var random = SeededRandom(seed: 12)
    var amounts = 0
    for round in 0..<12 {
      let model = try model(&random)
      let path = try scratch.write("model-\(round).json", "")
      try OutputFile.write(ModelFile.encode(model), to: path)
      var events = month
      let first = try judged(events, bench, model: (model, path))
      guard first.alerts.contains(where: { $0.eventID == "p60" }) else { continue }
      let (alert, frozen) = try last(first)
      let answer = CounterfactualDesk(bench.installation, settings: settings).answer(
        alert, frozen: frozen)
      guard answer.verdict == .clears, answer.changes.count == 1,
        answer.changes[0].quantity == "amount"
      else { continue }
      amounts += 1
      let to = answer.changes[0].to
      events[60].fields["amount"] = .number(to)
      let cleared = try judged(events, bench, model: (model, path))
      #expect(!cleared.alerts.contains { $0.eventID == "p60" }, "round \(round)")
      let nearer = ((to + (to < 4285.02 ? 0.01 : -0.01)) * 100).rounded() / 100
      events[60].fields["amount"] = .number(nearer)
      let raised = try judged(events, bench, model: (model, path))
      #expect(raised.alerts.contains { $0.eventID == "p60" }, "round \(round)")
    }
    #expect(amounts > 2, "\(amounts)")
  }

  /// A forest over the standard features that finds most of what is large.
  private func model(_ random: inout SeededRandom) throws -> Model {
    let names = FeatureSet.standard.features.map(\.name)
    let used = [
      "delta_1", "metric_z_24h", "amount_vs_mean_ratio", "amount_vs_last_ratio", "daily_amount",
    ]
    var trees: [DecisionTree] = []
    for _ in 0..<20 {
      var tree = DecisionTree()
      tree.appendLeaf(value: 0, cover: 1)
      let name = used[random.below(used.count)]
      let feature = names.firstIndex(of: name) ?? 0
      let top = name.contains("ratio") || name.contains("z_") ? 60.0 : 4000
      let left = tree.split(
        0, feature: feature, threshold: Float(random.uniform(0, top)), missingLeft: true, gain: 1,
        leftCover: 1, rightCover: 1)
      tree.values[left] = Float(random.uniform(-1, 0))
      tree.values[left + 1] = Float(random.uniform(0, 1))
      trees.append(tree)
    }
    return Model(
      features: names, featureDigest: FeatureSet.standard.digest,
      forest: try Forest(featureCount: names.count, baseMargin: -1, trees: trees),
      calibration: .logistic, alertThreshold: 0.5)
  }

  @Test(
    "Rules that are gone, changed or judge more than the event is are said, and nothing is made up")
  func unknown() throws {
    let scratch = try Scratch()
    let settings = try shipped(scratch, threads: 1)
    let bench = try Bench(settings)
    let (alert, frozen) = try last(judged(month, bench))
    func answer(_ plugin: String?) throws -> Counterfactual {
      let folder = try Scratch(plugin.map { ["fraud/high-value.lua": $0] } ?? ["readme.txt": ""])
      let installation = try Installation(settings, folders: [folder.path])
      return CounterfactualDesk(installation, settings: settings).answer(alert, frozen: frozen)
    }
    #expect(
      try answer(nil).verdict
        == .unknown(why: "the rule fraud.high-value is not installed any more"))
    let shipped = try text(of: repository + "/plugins/fraud/high-value.lua")
    #expect(try answer(shipped).notes.isEmpty)
    let duller = try answer(shipped.replacing("at_least(2500)", with: "at_least(3000)"))
    #expect(
      duller.notes == [
        "the rule fraud.high-value has changed since: it is judged by the one of now"
      ])
    #expect(duller.sentence == "an amount of 2,999.99 instead of 4,285.02")
    #expect(
      try answer(shipped.replacing("at_least(2500)", with: "at_least(9000)")).verdict
        == .unknown(
          why: "fraud.high-value does not fire on what was kept: it goes by what it remembers of "
            + "earlier events, or has changed"))
    var old = frozen
    old.judgement = nil
    #expect(
      CounterfactualDesk(bench.installation, settings: settings).answer(alert, frozen: old).verdict
        == .unknown(why: "the alert is of a version that did not keep what this needs"))
    let stateful = """
      local seen = 0
      return rule { id = "fraud.high-value", title = "t", severity = "low",
        on = { kind = "transaction" },
        features = { silence = since(), usual = mean { "amount", within = 30 * day }, largest = max { "amount", within = 30 * day } },
        detect = function(event, f)
          seen = seen + 1
          if seen < 5 then return "early" end
        end }
      """
    let moody = try answer(stateful)
    #expect(
      moody.verdict
        == .unknown(
          why:
            "a rule judges by what it remembers of earlier events, so that no change can be proved")
    )
  }

  /// Runs `detect` over events into a data directory of its own, and gives what answers for its alerts.
  private func asked(
    _ scratch: Scratch, _ settings: Settings, _ events: [EventRecord]
  ) throws -> (store: AlertStore, desk: CounterfactualDesk) {
    let path = try scratch.write(
      "events.jsonl", events.map(EventWriter.line).joined(separator: "\n") + "\n")
    _ = try DetectJob(
      settings: settings, options: DetectOptions(inputs: [path], source: "generic-jsonl")
    ).run(progress: NoProgress())
    let control = Control(settings: settings)
    return (try control.store(.readOnly), try control.counterfactuals())
  }

  private func metric(_ place: Int, at seconds: Int64, _ value: Double) -> EventRecord {
    EventRecord(
      time: Timestamp(seconds: 1_772_442_000 + seconds), id: "m\(place)", source: "metrics",
      kind: "metric", fields: ["series": .text("cpu"), "value": .number(value)],
      primaryField: "series")
  }

  @Test(
    "An unusual metric is cleared by a value that the detector, run anew over the kept events, lets pass"
  )
  func series() throws {
    let scratch = try Scratch()
    var settings = try shipped(scratch, threads: 1)
    var random = SeededRandom(seed: 8)
    var events = (0..<1200).map {
      metric($0, at: Int64($0) * 300, 50 + (random.normal() * 100).rounded() / 100)
    }
    events.append(metric(1200, at: 1200 * 300, 140))
    let folder = try Scratch(["none.txt": ""])
    settings.plugins = [folder.path]
    let (store, desk) = try asked(scratch, settings, events)
    let alert = try #require(try store.alerts().first { $0.alert.eventID == "m1200" }).alert
    #expect(alert.rule == "series.unusual")
    let answer = desk.answer(alert, frozen: try store.frozen(alert.id))
    #expect(answer.verdict == .clears, "\(answer.verdict)")
    let change = try #require(answer.changes.first)
    #expect(change.quantity == "value" && answer.changes.count == 1)
    // By brute force: among values a hundredth apart none nearer clears.
    let bench = try Bench(settings, plugins: [folder.path])
    func isFound(_ value: Double) throws -> Bool {
      var other = events
      other[1200].fields["value"] = .number(value)
      let output = try bench.run(other).output
      return (output.alerts.map(\.eventID) + output.joins.map(\.eventID)).contains("m1200")
    }
    #expect(try !isFound(change.to), "\(change)")
    for share in [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99] {
      let nearer = 140 + (change.to - 140) * share
      #expect(try isFound((nearer * 100).rounded() / 100), "\(nearer) is nearer than \(change.to)")
    }
  }

  @Test("Silence is cleared by the event that would have ended it")
  func silence() throws {
    let scratch = try Scratch()
    var settings = try shipped(scratch, threads: 1)
    let folder = try Scratch([
      "quiet.lua": """
      return rule { id = "t.quiet", title = "Quiet", severity = "low", message = "nothing",
        flatline = { { kind = "metric" }, within = 2 * hour, by = "series", after = 3 } }
      """
    ])
    settings.plugins = [folder.path]
    var events = (0..<10).map { metric($0, at: Int64($0) * 600, 5) }
    events.append(
      EventRecord(
        time: Timestamp(seconds: 1_772_442_000 + 90_000), id: "late", source: "metrics",
        kind: "metric", fields: ["series": .text("other"), "value": .number(1)],
        primaryField: "series"))
    let (store, desk) = try asked(scratch, settings, events)
    let alert = try #require(try store.alerts().first { $0.alert.rule == "t.quiet" }).alert
    let answer = desk.answer(alert, frozen: try store.frozen(alert.id))
    #expect(answer.verdict == .clears)
    #expect(
      answer.sentence
        == "one metric of cpu by 2026-03-02T12:30:00Z instead of none for 2 hours")
    // Done to the events: with it nothing is found until then.
    events.insert(metric(10, at: 9 * 600 + 7200, 5), at: 10)
    let output = try Bench(settings, plugins: [folder.path]).run(events).output
    #expect(!output.alerts.contains { $0.eventID == "m9" })
  }

  @Test("A rule with variables of its own is asked with the variables that it had")
  func variables() throws {
    let scratch = try Scratch()
    var settings = try shipped(scratch, threads: 1)
    let folder = try Scratch([
      "third.lua": """
      local large = 0
      return rule { id = "t.third", title = "Third", severity = "low",
        on = { kind = "transaction" },
        detect = function(e)
          if e.amount < 100 then return end
          large = large + 1
          if large >= 3 then return "the third large one" end
        end }
      """
    ])
    settings.plugins = [folder.path]
    let amounts: [Double] = [20, 150, 30, 170, 25, 260.5]
    var events = amounts.enumerated().map { payment($0, at: Int64($0) * 30_000, $1) }
    let (store, desk) = try asked(scratch, settings, events)
    let alert = try #require(try store.alerts().first).alert
    #expect(alert.rule == "t.third" && alert.eventID == "p5")
    let answer = desk.answer(alert, frozen: try store.frozen(alert.id))
    #expect(answer.verdict == .clears, "\(answer.verdict)")
    #expect(answer.sentence == "an amount of 99.99 instead of 260.5")
    events[5].fields["amount"] = .number(99.99)
    #expect(try Bench(settings, plugins: [folder.path]).run(events).output.alerts.isEmpty)
  }
}
