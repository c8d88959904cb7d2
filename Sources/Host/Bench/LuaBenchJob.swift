import Detection
import Foundation
import Plugins
package import Primitives

/// Measures what plugins cost: a call of Lua, rules that are installed, and checking a folder of them.
package struct LuaBenchJob: Sendable {
  private let rules: Int
  private let files: Int
  private let repeats: Int
  private let command: [String]

  private static let batches = 25

  /// - Parameters:
  ///   - rules: installed together; each holds on two events of a hundred.
  ///   - files: in the folder that is checked.
  package init(rules: Int, files: Int, repeats: Int, command: [String]) {
    self.rules = rules
    self.files = files
    self.repeats = repeats
    self.command = command
  }

  package func run(progress: some JobProgress) throws(Failure) -> BenchReport {
    var call = BenchReport.Measure("detect_ns", unit: "ns")
    var evaluations = BenchReport.Measure("rule_evaluations_per_s", unit: "evaluations/s")
    var check = BenchReport.Measure("check_s", unit: "s")
    var checkProcessor = BenchReport.Measure("check_cpu_s", unit: "s")
    let folder = NSTemporaryDirectory() + "moonwatch-bench-\(getpid())"
    defer { ScratchFolder.remove(folder) }
    try Folder.make(folder)
    let vocabulary = LuaBenchJob.vocabulary
    for index in 0..<max(rules, files) {
      try OutputFile.write(
        LuaBenchJob.source(index, of: rules).utf8, to: "\(folder)/\(1_000_000 + index).lua")
    }

    progress.begin("check", total: repeats)
    var set = PluginSet()
    for repetition in 0..<repeats {
      let clock = BenchClock()
      set = PluginSet.load(folders: [folder], vocabulary: vocabulary)
      check.samples.append(clock.wallSeconds)
      checkProcessor.samples.append(clock.processorSeconds)
      progress.advance(to: repetition + 1)
    }
    if let problem = set.problems.first { throw Failure([problem]) }
    progress.end("\(set.rules.count) files")

    let schema = try Schema([("user", .text), ("device", .text), ("amount", .number)])
    let interner = Interner()
    let batch = LuaBenchJob.batch(schema, interner)
    progress.begin("call", total: repeats)
    let runner = RuleRunner(rule: set.rules[0], vocabulary: vocabulary)
    for repetition in 0..<repeats {
      call.samples.append(try LuaBenchJob.secondsPerCall(runner, batch, interner) * 1e9)
      progress.advance(to: repetition + 1)
    }
    progress.end("\(repeats) times")

    let binding = RuleBinding(
      schema: schema, interner: interner, lists: try TextLists(folder: folder + "/lists"))
    let plan = try FeaturePlan(features: [], schema: schema, interner: interner)
    var installed: [InstalledRule] = []
    for rule in set.rules.prefix(rules) { installed.append(try binding.bind(rule, to: plan)) }
    let stage = RuleStage(
      rules: installed, vocabulary: vocabulary, interner: interner, pool: WorkerPool(count: 1))
    let table = FeatureTable(columns: plan.columns)
    progress.begin("rules", total: repeats)
    for repetition in 0..<repeats {
      let clock = BenchClock()
      for _ in 0..<LuaBenchJob.batches { _ = stage.process(batch, table, late: []) }
      let done = Double(LuaBenchJob.batches * batch.count * installed.count)
      evaluations.samples.append(done / clock.processorSeconds)
      progress.advance(to: repetition + 1)
    }
    progress.end("\(repeats) times")

    var report = BenchReport(
      "lua", command: command, measures: [call, evaluations, check, checkProcessor])
    report.settings = [
      .init("rules", .integer(Int64(installed.count))),
      .init("files", .integer(Int64(set.rules.count))),
      .init("events", .integer(Int64(LuaBenchJob.batches * batch.count))),
      .init("threads", 1),
    ]
    let health = stage.health
    let asked = health.reduce(0) { $0 + $1.candidates }
    let possible = repeats * LuaBenchJob.batches * batch.count * installed.count
    report.results = [
      .init(
        "memory_per_rule_bytes",
        .integer(Int64(health.reduce(0) { $0 + $1.memory } / max(1, health.count)))),
      .init("candidates_share", .number(Double(asked) / Double(max(1, possible)))),
      .init("calls", .integer(Int64(health.reduce(0) { $0 + $1.calls }))),
      .init("set_aside", .integer(Int64(health.count { $0.isSetAside }))),
    ]
    return report
  }

  private static var vocabulary: Vocabulary {
    Vocabulary(
      fields: ["user": .text, "device": .text, "amount": .number], groundTruth: [],
      kinds: ["payment"], sources: ["bench"], features: [], lists: [], owners: [])
  }

  /// A rule that holds on two events of a hundred, and then reads three fields.
  private static func source(_ index: Int, of rules: Int) -> String {
    let low = Double(index % max(1, rules)) * 98 / Double(max(1, rules))
    return """
      --- A rule of the benchmark.
      return rule {
        id = "bench.rule-\(index)", title = "Bench", severity = "low", on = { kind = "payment" },
        when = { amount = between(\(low), \(low + 2)) },
        detect = function(event)
          local user, device, amount = event.user, event.device, event.amount
          if user == device and amount < 0 then return "{user} pays nothing" end
        end,
      }

      """
  }

  private static func batch(_ schema: Schema, _ interner: Interner) -> EventBatch {
    let batch = EventBatch(schema: schema)
    var random = SeededRandom(seed: 1, purpose: "bench")
    while !batch.isFull {
      batch.append(
        EventRecord(
          time: Timestamp(seconds: Int64(batch.count)), id: "e\(batch.count)", source: "bench",
          kind: "payment",
          fields: [
            "user": .text("user-\(random.below(1000))"), "device": .text("d\(random.below(1000))"),
            "amount": .number((Double(random.below(10_000)) + 0.5) / 100),
          ], primaryField: "user"), interner: interner)
    }
    return batch
  }

  /// Processor time of a call with three field reads, over every event of a batch again and again.
  private static func secondsPerCall(
    _ runner: RuleRunner, _ batch: EventBatch, _ interner: Interner
  ) throws(Failure) -> Double {
    let clock = BenchClock()
    for _ in 0..<batches {
      runner.beginBatch()
      for row in 0..<batch.count {
        let event = BatchRow(batch: batch, row: row, interner: interner)
        do {
          _ = try runner.detect(event) { _ in .nan }
        } catch {
          throw Failure(.internal, error.description)
        }
      }
    }
    return clock.processorSeconds / Double(batches * batch.count)
  }
}
