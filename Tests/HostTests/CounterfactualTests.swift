import Cases
import Detection
import Learning
import Plugins
import Primitives
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
}
