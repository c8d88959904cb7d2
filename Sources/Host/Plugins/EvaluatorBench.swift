import Cases
import Detection
import Plugins
import Primitives

/// The evaluator of live events as suites use it: events in memory, findings and mappings out.
struct EvaluatorBench: SuiteBench {
  private let run: DetectionRun
  private let schema: Schema
  private let interner: Interner
  private var watched: String?
  private(set) var course: [String] = []
  private static let mostCourse = 6

  /// - Parameter runner: of the only rule that is asked, which goes on from one case to the next; missing for all rules, each
  ///   as it begins.
  init(
    installation: Installation, settings: Settings, only runner: RuleRunner? = nil
  ) throws(Failure) {
    interner = Interner()
    schema = try Schema(
      installation.vocabulary.fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    var judging = Judge.Settings()
    judging.joinWithin = settings.dedupWindow
    judging.floodLimit = settings.floodLimit
    let binding = RuleBinding(
      schema: schema, interner: interner, lists: installation.lists)
    run = try DetectionRun(
      RunPlan(
        schema: schema, interner: interner, set: .standard, evidence: .standard,
        rules: binding.applicable(runner.map { [$0.rule] } ?? installation.plugins.rules),
        vocabulary: installation.vocabulary, lists: installation.lists,
        policy: installation.policy, judging: judging, model: nil,
        allowedLateness: settings.allowedLateness, prepared: runner.map { [$0] } ?? []),
      pool: WorkerPool(count: 1))
  }

  mutating func send(_ events: [EventRecord]) throws -> [SuiteFinding] {
    var output = SuiteOutput()
    for start in stride(from: 0, to: events.count, by: EventBatch.standardCapacity) {
      let batch = EventBatch(schema: schema)
      for event in events[start..<min(events.count, start + EventBatch.standardCapacity)] {
        batch.append(event, interner: interner)
      }
      try run.take(
        ReadBatch(events: batch, labels: [], readyAt: RunMeter.now()), output: &output)
      if let watched {
        course += run.course(of: watched, batch, last: EvaluatorBench.mostCourse)
        course.removeFirst(max(0, course.count - EvaluatorBench.mostCourse))
      }
    }
    return output.findings
  }

  mutating func tell(score: ModelScore) { run.toldScore = score }

  mutating func watch(rule: String) { watched = rule }

  /// How each rule fared.
  var health: [PluginHealth] { run.health }

  var failures: [RuleFailure] { run.health.compactMap(\.lastFailure) }

  mutating func advance(to time: Timestamp) throws -> [SuiteFinding] {
    var output = SuiteOutput()
    try run.advance(to: time, output: &output)
    return output.findings
  }
}

/// Every finding of a rule with the mapping row that it got, whether it raised an alert or joined one.
private struct SuiteOutput: RunOutput {
  var findings: [SuiteFinding] = []
  /// Where the findings on the last event about one entity begin.
  private var latest = 0
  var wantsScores: Bool { false }
  var wantsFindings: Bool { true }

  mutating func found(_ evidence: Evidence, mapping: MappingRow?) {
    for finding in evidence.findings {
      findings.append(
        SuiteFinding(
          rule: finding.ruleID, severity: finding.severity, message: finding.message,
          mapping: mapping?.id, eventID: evidence.event.id, raised: false))
    }
    latest = findings.count - evidence.findings.count
  }

  /// Comes right after what led to it was found.
  mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) {
    guard
      let place = findings[latest...].firstIndex(where: {
        $0.rule == alert.rule && $0.eventID == alert.eventID
      })
    else { return }
    findings[place].raised = true
    findings[place].alertSeverity = alert.severity
    findings[place].response = alert.response
  }

  mutating func joined(_ joined: Joined) {}
  mutating func late(_ record: EventRecord, origin: EventOrigin) {}
  mutating func batchEnded() {}
  mutating func scored(_ batch: EventBatch, row: Int, score: Double?, rules: [String]) {}
}
