import Detection
import Plugins
import Primitives

/// A rule bound to the fields and columns of a run.
struct InstalledRule {
  let rule: Rule
  let on: CompiledCondition
  let when: CompiledCondition
  /// Where the rule's features stand in the table, in their order.
  let columns: [Int]
  /// The kinds of event that `on` lets through; empty for any.
  let kinds: [Symbol]
  /// The text slot of the entity that the rule counts by; missing for the event's first entity.
  let entity: (field: String, slot: Int)?
}

extension Finding {
  /// The rule's id; empty for the model.
  var ruleID: String {
    if case .rule(let id) = origin { return id }
    return ""
  }
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
  private let interner: Interner

  /// Candidates by worker and rule, findings by rule: in each phase of the pool a list has one writer.
  private final class Work: @unchecked Sendable {
    // Unchecked: the phases keep writers apart and readers after them; a runner is used by its owner only.
    var candidates: [[[Int32]]]
    var findings: [[Finding]]
    var runners: [RuleRunner] = []
    /// Events by rule on which its native conditions held.
    var asked: [Int]
    init(workers: Int, rules: Int) {
      candidates = Array(repeating: Array(repeating: [], count: rules), count: workers)
      findings = Array(repeating: [], count: rules)
      asked = Array(repeating: 0, count: rules)
    }
  }

  /// - Parameters:
  ///   - prepared: runners that were made beforehand.
  ///   - last: the stage before a reload: a rule that is the same in it goes on with the values that it keeps.
  init(
    rules: [InstalledRule], vocabulary: Vocabulary, interner: Interner, pool: WorkerPool,
    prepared: [RuleRunner] = [], after last: RuleStage? = nil
  ) {
    self.rules = rules
    self.interner = interner
    self.pool = pool
    work = Work(workers: pool.count, rules: rules.count)
    for (index, installed) in rules.enumerated() {
      let rule = installed.rule
      if let last, let place = last.work.runners.firstIndex(where: { $0.rule == rule }) {
        work.runners.append(last.work.runners[place])
        work.asked[index] = last.work.asked[place]
      } else {
        let ready = prepared.first { $0.rule == rule }
        work.runners.append(ready ?? RuleRunner(rule: rule, vocabulary: vocabulary))
      }
    }
    sort()
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

  /// Findings in order of row and rule. Rows that came too late, ascending in `late`, are not looked at: they have
  /// no windows.
  func process(_ batch: EventBatch, _ table: FeatureTable, late: [Int] = []) -> [Finding] {
    if rules.isEmpty { return [] }
    let workers = pool.count
    let rules = rules
    let (byKind, ofAnyKind) = (byKind, ofAnyKind)
    let work = work
    let interner = interner
    let late = Set(late)
    pool.run { worker in
      for index in rules.indices { work.candidates[worker][index].removeAll(keepingCapacity: true) }
      let share = (batch.count * worker / workers)..<(batch.count * (worker + 1) / workers)
      // Through the buffer, since a rule taken out of the array is copied with all that it holds.
      rules.withUnsafeBufferPointer { rules in
        for row in share where late.isEmpty || !late.contains(row) {
          for index in byKind[batch.kinds[row].rawValue] ?? ofAnyKind
          where rules[index].on.holds(batch, row) && rules[index].when.holds(batch, row, table) {
            work.candidates[worker][index].append(Int32(row))
          }
        }
      }
    }
    guard work.candidates.contains(where: { $0.contains { !$0.isEmpty } }) else {
      return []
    }
    pool.run { worker in
      for index in stride(from: worker, to: rules.count, by: workers) {
        var found: [Finding] = []
        work.runners[index].beginBatch()
        for part in work.candidates {
          work.asked[index] += part[index].count
          for row in part[index] {
            let event = BatchRow(batch: batch, row: Int(row), interner: interner)
            if let finding = RuleStage.finding(
              rules[index], work.runners[index], event, table)
            {
              found.append(finding)
            }
          }
        }
        work.findings[index] = found
      }
    }
    if work.runners.count(where: { $0.state == .running }) < running { sort() }
    let ordered = work.findings.enumerated().flatMap { index, found in
      found.map { (row: $0.row, rule: index, finding: $0) }
    }.sorted { ($0.row, $0.rule) < ($1.row, $1.rule) }
    return ordered.map(\.finding)
  }

  private static func finding(
    _ installed: InstalledRule, _ runner: RuleRunner, _ event: BatchRow, _ table: FeatureTable
  ) -> Finding? {
    let verdict: RuleVerdict?
    do throws(RuleFailure) {
      verdict = try runner.detect(event) { table[event.row, installed.columns[$0]] }
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

  /// How each rule fares so far, in the rules' order. Between batches.
  var health: [PluginHealth] {
    zip(work.runners, work.asked).map { PluginHealth($0, candidates: $1) }
  }
}
