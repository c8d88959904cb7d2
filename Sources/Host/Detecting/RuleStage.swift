import Detection
import Plugins
import Primitives

/// A rule bound to the fields and columns of a run. A class, since a stage asks it for every event, and a value would be
/// copied with all that it holds each time.
final class InstalledRule: Sendable {
  let rule: Rule
  let on: CompiledCondition
  let when: CompiledCondition
  /// The sequence or absence that the rule waits for.
  let pattern: CompiledPattern?
  let hasPattern: Bool
  /// Where the rule's features stand in the table, in their order.
  let columns: [Int]
  /// The kinds of event that `on` lets through; empty for any.
  let kinds: [Symbol]
  /// The text slot of the entity that the rule counts by; missing for the event's first entity.
  let entity: (field: String, slot: Int)?

  /// How long it waits for what does not come.
  var silence: Finding.Measured? {
    guard case .absence(let absence)? = pattern?.pattern else { return nil }
    return Finding.Measured(
      name: "silence", value: absence.within.seconds,
      words: FeatureWords(
        phrase: "no such event for {n}", unit: FeatureWords.seconds, decimals: 0))
  }

  init(
    rule: Rule, on: CompiledCondition, when: CompiledCondition, pattern: CompiledPattern?,
    columns: [Int], kinds: [Symbol], entity: (field: String, slot: Int)?
  ) {
    self.rule = rule
    self.on = on
    self.when = when
    self.pattern = pattern
    hasPattern = pattern != nil
    self.columns = columns
    self.kinds = kinds
    self.entity = entity
  }
}

extension Finding {
  /// The rule's id; empty for the model.
  var ruleID: String {
    if case .rule(let id) = origin { return id }
    return ""
  }
}

/// What the rules found in one batch.
struct RuleFindings {
  /// In order of row and rule.
  var rows: [Finding] = []
  /// In order of row, end and rule.
  var silences: [SilentFinding] = []
}

/// A finding about something that did not come: it has no row.
struct SilentFinding {
  /// Stream time passed the end of the wait with this row, before which it is judged.
  var row: Int
  var finding: Finding
  /// The event that began the wait, at the time when the wait was over.
  var event: EventRecord
}

/// Finds the events of a batch on which a rule fires.
///
/// Native conditions are tested by all workers, each on its share of the rows. Lua then runs for the candidates only,
/// each rule by the one worker that owns it, in order of arrival: what a rule's own variables hold never depends on
/// the number of threads.
final class RuleStage {
  private let rules: [InstalledRule]
  private let pool: WorkerPool
  private var byKind: [UInt32: [Int]] = [:]
  private var ofAnyKind: [Int] = []
  /// Rules that were not set aside.
  private var running = 0
  private let work: Work
  let interner: Interner
  /// The time by which rules wait.
  var clock = WaitClock()
  private let hasAbsences: Bool
  /// Takes down what rules are asked, where somebody wants to know.
  var record: CallRecord?
  /// Whether a rule asks what the model says.
  let readsScore: Bool
  /// Rules whose patterns began empty when this stage took over from another.
  private(set) var beganEmpty: [String] = []

  /// Candidates by worker and rule, findings by rule: in each phase of the pool a list has one writer.
  private final class Work: @unchecked Sendable {
    // Unchecked: the phases keep writers apart and readers after them; a runner is used by its owner only.
    var candidates: [[[Int32]]]
    /// Of rules with a pattern, in place of candidates.
    var marks: [[[PatternWatch.Mark]]]
    var findings: [[Finding]]
    var silences: [[SilentFinding]]
    var runners: [RuleRunner] = []
    /// Events by rule on which its native conditions held.
    var asked: [Int]
    var watches: [PatternWatch?]
    init(workers: Int, rules: [InstalledRule]) {
      candidates = Array(repeating: Array(repeating: [], count: rules.count), count: workers)
      marks = Array(repeating: Array(repeating: [], count: rules.count), count: workers)
      findings = Array(repeating: [], count: rules.count)
      silences = Array(repeating: [], count: rules.count)
      asked = Array(repeating: 0, count: rules.count)
      watches = rules.map { $0.pattern.map(PatternWatch.init) }
    }
  }

  /// - Parameters:
  ///   - prepared: runners that were made beforehand.
  ///   - last: the stage before a reload: a rule that is the same in it goes on with the values that it keeps, one that
  ///     waits for the same with what it has seen of it.
  ///   - refill: what was filled for patterns that the last stage did not have.
  init(
    rules: [InstalledRule], vocabulary: Vocabulary, interner: Interner, pool: WorkerPool,
    lists: ListBook = [:], prepared: [RuleRunner] = [], after last: RuleStage? = nil,
    refill: Refill? = nil
  ) {
    self.rules = rules
    self.interner = interner
    self.pool = pool
    work = Work(workers: pool.count, rules: rules)
    readsScore = rules.contains { $0.when.readsScore || $0.rule.hasDetect }
    for (index, installed) in rules.enumerated() {
      let rule = installed.rule
      if let last, let place = last.work.runners.firstIndex(where: { $0.rule == rule }) {
        work.runners.append(last.work.runners[place])
        work.asked[index] = last.work.asked[place]
        work.watches[index] = last.work.watches[place]
      } else {
        let ready = prepared.first { $0.rule == rule }
        work.runners.append(ready ?? RuleRunner(rule: rule, vocabulary: vocabulary))
        guard let last, let watch = work.watches[index] else { continue }
        let known =
          last.watched.filter { $0.0 == rule.id }.map(\.1)
          + (refill?.waits ?? []).filter { $0.rule == rule.id }.map(\.watch)
        if let same = known.first(where: { $0.digest == watch.digest }) {
          work.watches[index] = same
        } else {
          beganEmpty.append(rule.id)
        }
      }
    }
    for runner in work.runners { runner.lists = lists }
    hasAbsences = work.watches.contains { $0?.isAbsence ?? false }
    if let last { clock = last.hasAbsences ? last.clock : refill?.clock ?? last.clock }
    sort()
  }

  /// Judges again after a stage that was to follow it: what both share is as this one has it, and nothing that happened
  /// meanwhile is forgotten.
  func comeBack(after undone: RuleStage, lists: ListBook) {
    clock = undone.clock
    for (index, runner) in work.runners.enumerated() {
      runner.lists = lists
      if let place = undone.work.runners.firstIndex(where: { $0 === runner }) {
        work.asked[index] = undone.work.asked[place]
      }
    }
    sort()
  }

  /// The rules that wait for something, by id.
  var watched: [(String, PatternWatch)] {
    zip(rules, work.watches).compactMap { rule, watch in watch.map { (rule.rule.id, $0) } }
  }

  /// Sorts the rules that are still asked by the kinds of event that they look at: one that was set aside costs nothing
  /// from the next batch on.
  private func sort() {
    let asked = rules.indices.filter { work.runners[$0].state == .running }
    running = asked.count
    var byKind: [UInt32: [Int]] = [:]
    for index in asked {
      for kind in rules[index].kinds { byKind[kind.rawValue, default: []].append(index) }
    }
    let unkeyed = asked.filter { rules[$0].kinds.isEmpty }
    ofAnyKind = unkeyed
    self.byKind = byKind.mapValues { ($0 + unkeyed).sorted() }
  }

  /// What the rules say of a batch. Rows that came too late, ascending in `late`, are not looked at: they have no
  /// windows. `scores` is what the model says, by row.
  func process(
    _ batch: EventBatch, _ table: FeatureTable, late: [Int] = [],
    scores: DetectionRun.ScoreColumn? = nil
  ) -> RuleFindings {
    if rules.isEmpty { return RuleFindings() }
    let late = Set(late)
    let clock = streamTime(batch, late: late)
    mark(batch, table, late: late, scores: scores)
    let work = work
    guard
      hasAbsences || work.candidates.contains(where: { $0.contains { !$0.isEmpty } })
        || work.marks.contains(where: { $0.contains { !$0.isEmpty } })
    else { return RuleFindings() }
    let workers = pool.count
    let rules = rules
    let interner = interner
    let record = record
    pool.run { worker in
      for index in stride(from: worker, to: rules.count, by: workers) {
        work.runners[index].beginBatch()
        var rows = work.candidates.flatMap { $0[index] }
        work.silences[index] = []
        if let watch = work.watches[index] {
          let marks = work.marks.lazy.flatMap { $0[index] }
          rows = watch.completions(batch, marks).filter {
            RuleStage.holds(rules[index], batch, Int($0), table, scores)
          }
          if watch.isAbsence {
            work.silences[index] = watch.silences(batch, marks, clock: clock).compactMap {
              RuleStage.silent(
                rules[index], work.runners[index], watch, $0.silence, row: $0.row, interner)
            }
          }
        }
        work.asked[index] += rows.count
        work.findings[index] = rows.compactMap { row in
          RuleStage.finding(
            rules[index], work.runners[index],
            BatchRow(batch: batch, row: Int(row), interner: interner), table, scores, record)
        }
      }
    }
    if work.runners.count(where: { $0.state == .running }) < running { sort() }
    let ordered = work.findings.enumerated().flatMap { index, found in
      found.map { (row: $0.row, rule: index, finding: $0) }
    }.sorted { ($0.row, $0.rule) < ($1.row, $1.rule) }
    return RuleFindings(rows: ordered.map(\.finding), silences: silencesInOrder())
  }

  /// Moves stream time without an event: what has not come by then is found.
  func advance(to time: Timestamp) -> [SilentFinding] {
    for index in rules.indices {
      work.silences[index] = []
      guard let watch = work.watches[index], watch.isAbsence else { continue }
      work.silences[index] = watch.advance(to: time.microseconds).compactMap {
        RuleStage.silent(rules[index], work.runners[index], watch, $0, row: 0, interner)
      }
    }
    return silencesInOrder()
  }

  private func silencesInOrder() -> [SilentFinding] {
    work.silences.enumerated().flatMap { index, found in
      found.enumerated().map { (rule: index, place: $0, silent: $1) }
    }.sorted {
      ($0.silent.row, $0.silent.event.time, $0.rule, $0.place)
        < ($1.silent.row, $1.silent.event.time, $1.rule, $1.place)
    }.map(\.silent)
  }

  /// Stream time by row, where a rule waits for something; nothing at rows that came too late.
  private func streamTime(_ batch: EventBatch, late: Set<Int>) -> [WaitClock.Step?] {
    hasAbsences ? clock.steps(batch, late: late) : []
  }

  /// Lets what rules wait for take in a batch without asking a rule about it. Waits that are over with nothing are told
  /// where one of these events began them.
  func warm(_ batch: EventBatch, late: [Int], about ids: Set<String>) -> [SilentFinding] {
    let late = Set(late)
    let clock = streamTime(batch, late: late)
    for index in rules.indices {
      work.silences[index] = []
      guard let watch = work.watches[index] else { continue }
      work.silences[index] = watch.warm(batch, late: late, clock: clock).compactMap {
        ids.contains($0.silence.eventID)
          ? RuleStage.silent(
            rules[index], work.runners[index], watch, $0.silence, row: $0.row, interner) : nil
      }
    }
    return silencesInOrder()
  }

  /// Tests native conditions, each worker on its share of the rows.
  private func mark(
    _ batch: EventBatch, _ table: FeatureTable, late: Set<Int>, scores: DetectionRun.ScoreColumn?
  ) {
    let workers = pool.count
    let rules = rules
    let (byKind, ofAnyKind) = (byKind, ofAnyKind)
    let work = work
    pool.run { worker in
      for index in rules.indices {
        work.candidates[worker][index].removeAll(keepingCapacity: true)
        work.marks[worker][index].removeAll(keepingCapacity: true)
      }
      let share = (batch.count * worker / workers)..<(batch.count * (worker + 1) / workers)
      // Through the buffer, since a rule taken out of the array is counted as held.
      rules.withUnsafeBufferPointer { rules in
        for row in share where late.isEmpty || !late.contains(row) {
          for index in byKind[batch.kinds[row].rawValue] ?? ofAnyKind {
            if rules[index].hasPattern, let pattern = rules[index].pattern {
              let mask = pattern.mask(batch, row)
              if mask == 0 { continue }
              work.marks[worker][index].append(PatternWatch.Mark(row: Int32(row), mask: mask))
            } else if RuleStage.holds(rules[index], batch, row, table, scores) {
              work.candidates[worker][index].append(Int32(row))
            }
          }
        }
      }
    }
  }

  private static func holds(
    _ rule: InstalledRule, _ batch: EventBatch, _ row: Int, _ table: FeatureTable,
    _ scores: DetectionRun.ScoreColumn?
  ) -> Bool {
    rule.on.holds(batch, row)
      && rule.when.holds(batch, row, table, score: scores?[row] ?? .missing)
  }

  private static func finding(
    _ installed: InstalledRule, _ runner: RuleRunner, _ event: BatchRow, _ table: FeatureTable,
    _ scores: DetectionRun.ScoreColumn?, _ record: CallRecord?
  ) -> Finding? {
    record?.note(installed.rule.id) {
      RuleCall(
        event: event.batch.record(event.row, interner: event.interner),
        features: installed.columns.map { table[event.row, $0] },
        score: scores?[event.row] ?? .missing)
    }
    let verdict: RuleVerdict?
    do throws(RuleFailure) {
      verdict = try runner.detect(event, score: scores?[event.row] ?? .missing) {
        table[event.row, installed.columns[$0]]
      }
    } catch {
      // Counted and kept by the runner, which sets the rule aside when it fails too often.
      return nil
    }
    guard let verdict else { return nil }
    let entity = installed.entity.map {
      (field: $0.field, value: event.batch.text(event.row, $0.slot))
    }
    return Finding(
      row: event.row, origin: .rule(id: installed.rule.id), severity: verdict.severity,
      title: installed.rule.title, message: verdict.message,
      entity: entity.flatMap { $0.value.isMissing ? nil : $0 })
  }

  private static func silent(
    _ installed: InstalledRule, _ runner: RuleRunner, _ watch: PatternWatch,
    _ silence: AbsenceTracker.Silence, row: Int, _ interner: Interner
  ) -> SilentFinding? {
    let event = watch.event(silence, interner)
    let verdict: RuleVerdict?
    do throws(RuleFailure) {
      verdict = try runner.detect(event) { _ in .nan }
    } catch {
      // Counted and kept by the runner, which sets the rule aside when it fails too often.
      return nil
    }
    guard let verdict, let by = event.primaryField else { return nil }
    return SilentFinding(
      row: row,
      finding: Finding(
        row: row, origin: .rule(id: installed.rule.id), severity: verdict.severity,
        title: installed.rule.title, message: verdict.message, entity: (by, silence.entity),
        measured: installed.silence),
      event: event)
  }

  /// Who judges for a rule. Between batches.
  func runner(of rule: String) -> RuleRunner? { work.runners.first { $0.rule.id == rule } }

  /// A rule of the stage with what it is bound to.
  func installed(_ id: String) -> InstalledRule? { rules.first { $0.rule.id == id } }

  /// How a rule sees a row of the last batch, in words; nothing where there is no such rule.
  func course(
    of rule: String, _ batch: EventBatch, _ row: Int, _ table: FeatureTable,
    scores: DetectionRun.ScoreColumn?
  ) -> String? {
    guard let rule = rules.first(where: { $0.rule.id == rule }) else { return nil }
    let score = scores?[row] ?? .missing
    let event = BatchRow(batch: batch, row: row, interner: interner)
    func failing(_ part: String, _ condition: CompiledCondition) -> String? {
      condition.firstFailing(batch, row, table, score: score).map { index in
        let seen = condition.seen(batch, row, table, score: score, interner: interner)
        return MissWords.sentence(part, seen[index], of: rule.rule)
      }
    }
    var said = failing("on", rule.on) ?? failing("when", rule.when) ?? "all conditions hold"
    if let pattern = rule.pattern {
      let mask = pattern.mask(batch, row)
      let steps = (0..<63).filter { mask & 1 << UInt64($0) != 0 }.map { "\($0 + 1)" }
      let breaks = mask & SequenceTracker.breaker == 0 ? "" : ", and breaks the sequence"
      said =
        (steps.isEmpty ? "is no step" : "is step \(steps.joined(separator: " and "))") + breaks
        + "; \(said)"
    }
    return "\(event.time) \(event.kind): \(said)"
  }

  /// How each rule fares so far, in the rules' order. Between batches.
  var health: [PluginHealth] {
    zip(work.runners, work.asked).map { PluginHealth($0, candidates: $1) }
  }
}
