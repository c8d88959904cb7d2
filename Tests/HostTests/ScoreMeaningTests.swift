import Cases
import Detection
import Ingest
import Learning
import Plugins
import Primitives
import Response
import Store
import Testing

@testable import Host

/// `score` is a probability for every plugin; what a model that saw no labels says is `rarity`.
@Suite("What a model says of an event", .timeLimit(.minutes(20)))
struct ScoreMeaningTests {
  private static let plugins = [
    "rules.lua": """
    return {
      rule { id = "t.likely", title = "Likely", severity = "low", on = { kind = "login" },
        when = { score = at_least(0.9) } },
      rule { id = "t.rare", title = "Rare", severity = "low", on = { kind = "login" },
        when = { rarity = at_least(0.9) },
        detect = function(event, f) return tostring(f.score) .. ", {score}, {rarity}" end },
    }
    """,
    "map.lua": """
    local function means(id, when)
      return { id = id, when = when, category = "C - " .. id, risk = "low", cost_usd = 0, action = "A", owner = "security_team" }
    end
    return {
      mapping { id = "m", rows = {
        means("likely", { score = at_least(0.9) }), means("rare", { rarity = at_least(0.9) }), means("other"),
      } },
      mapping { id = "response",
        response = { { "block", when = { score = at_least(0.9) } }, { "look" } } },
    }
    """,
    "page.lua": """
    return escalation {
      id = "t.page", when = { score = at_least(0.9) }, uses = { "case" },
      run = function(alert) act.case.comment { alert = alert.id, text = figure(alert.score) .. figure(alert.rarity) } end,
    }
    """,
  ]

  private func judged(
    _ meaning: Model.Meaning, threads: Int
  ) throws -> (alert: Alert, bench: Bench) {
    let scratch = try Scratch(ScoreMeaningTests.plugins)
    let bench = try Bench(try shipped(scratch), plugins: [scratch.path])
    #expect(bench.installation.plugins.problems.isEmpty)
    var plan = try bench.plan()
    plan.model = (try constantModel(.standard, meaning, threshold: 0.99), "m.json")
    let run = try DetectionRun(plan, pool: WorkerPool(count: threads))
    let batch = EventBatch(schema: plan.schema)
    batch.append(login("e1", at: 0), interner: plan.interner)
    var output = Capture()
    try run.take(ReadBatch(events: batch, labels: [], readyAt: 0), output: &output)
    #expect(output.alerts.count == 1)
    return (try #require(output.alerts.first), bench)
  }

  @Test(
    "Rules, mappings and escalations that ask for a score do not take how rare an event is for it")
  func meanings() throws {
    for threads in [1, 3] {
      let (likely, _) = try judged(.probability, threads: threads)
      #expect(likely.rule == "t.likely" && likely.mapping == "likely" && likely.response == "block")
      let (rare, bench) = try judged(.rarity, threads: threads)
      #expect(rare.rule == "t.rare" && rare.mapping == "rare" && rare.response == "look")
      #expect(rare.message == "nil, (missing), 0.953")
      let page = try #require(bench.installation.plugins.escalations.first).escalation
      #expect(AlertFacts(likely).satisfies(page.when, unclaimed: .zero))
      #expect(!AlertFacts(rare).satisfies(page.when, unclaimed: .zero))
    }
  }

  @Test("What asks a model for what it does not say is named, and what asks for both is not")
  func inVain() throws {
    let (_, bench) = try judged(.probability, threads: 1)
    #expect(
      bench.installation.asksInVain(
        of: try constantModel(.standard, .rarity, threshold: 0.99), named: "m.json")
        == "the model 'm.json' says how rare events are and gives no probability: conditions on 'score' "
        + "never hold (rule t.likely, mapping response, escalation t.page; 'rarity' is what it says)"
    )
    #expect(
      bench.installation.asksInVain(
        of: try constantModel(.standard, threshold: 0.99), named: "m.json")
        == "the model 'm.json' gives a probability and does not say how rare events are: conditions on "
        + "'rarity' never hold (rule t.rare; 'score' is what it says)")
  }

  @Test("Why a rule that asks for a score stayed silent is told where the model gives none")
  func whyNot() throws {
    let scratch = try Scratch()
    for (name, text) in ScoreMeaningTests.plugins { try scratch.write("plugins/\(name)", text) }
    var settings = try shipped(scratch)
    settings.plugins = [scratch.path + "/plugins"]
    let place = scratch.path + "/m.json"
    let model = try constantModel(
      try features(of: "generic-jsonl", settings), .rarity, threshold: 0.99)
    try OutputFile.write(ModelFile.encode(model), to: place)
    let path = try scratch.write("events.jsonl", EventWriter.line(login("e1", at: 0)) + "\n")
    _ = try DetectJob(
      settings: settings,
      options: DetectOptions(inputs: [path], source: "generic-jsonl", model: place)
    ).run(progress: NoProgress())
    let control = Control(settings: settings)
    let miss = try control.whyNot(rule: "t.likely", event: "e1", progress: NoProgress())
    #expect(miss.cause == .scoreMissing)
    #expect(
      miss.sentence
        == "when: score at least 0.9 does not hold, it is missing; the model says how rare an event "
        + "is ('rarity'), not how likely it is bad")
    #expect(
      try control.whyNot(rule: "t.rare", event: "e1", progress: NoProgress()).cause == .raised)
    let alert = try #require(try control.list().first).alert
    #expect(try control.prove(alert.id, progress: NoProgress()).verdict == .same)
    // Its rule asks for a rarity that no change moves.
    let answer = try control.counterfactual(alert.id).answer
    #expect(answer.verdict != .clears && answer.isRarity)
  }
}
