import Detection
import Plugins
import Primitives

/// A rule bound to the columns of a run.
struct InstalledRule {
  let rule: Rule
  let on: CompiledCondition
  let when: CompiledCondition
  /// The rule's own features and where they stand in the table.
  let columns: [(name: String, column: Int)]
  /// The kinds of event that `on` lets through; empty for any.
  let kinds: [Symbol]
}

/// Finds the events of a batch on which a rule fires.
///
/// Native conditions are tested by all workers, each on its share of the rows. Lua then runs for the candidates only,
/// each rule by the one worker that owns it, in order of arrival: what a rule's own variables hold never depends on
/// the number of threads.
final class RuleStage {
  private let rules: [InstalledRule]
  private let runners: [RuleRunner?]
  private let pool: WorkerPool
  private let byKind: [UInt32: [Int]]
  private let ofAnyKind: [Int]
  private let candidates: Candidates
  private let interner: Interner

  /// Rows by worker and rule; each worker writes its own lists only.
  private final class Candidates: @unchecked Sendable {
    // Unchecked: the phases of the pool keep writers apart and readers after them.
    var rows: [[[Int32]]]
    var findings: [[Finding]]
    init(workers: Int, rules: Int) {
      rows = Array(repeating: Array(repeating: [], count: rules), count: workers)
      findings = Array(repeating: [], count: rules)
    }
  }

  init(
    rules: [InstalledRule], interner: Interner, pool: WorkerPool
  ) throws(Failure) {
    self.rules = rules
    self.interner = interner
    self.pool = pool
    var runners: [RuleRunner?] = []
    for installed in rules {
      runners.append(installed.rule.hasDetect ? try RuleRunner(installed.rule) : nil)
    }
    self.runners = runners
    var byKind: [UInt32: [Int]] = [:]
    for (index, rule) in rules.enumerated() {
      for kind in rule.kinds { byKind[kind.rawValue, default: []].append(index) }
    }
    let unkeyed = rules.indices.filter { rules[$0].kinds.isEmpty }
    ofAnyKind = unkeyed
    self.byKind = byKind.mapValues { ($0 + unkeyed).sorted() }
    candidates = Candidates(workers: pool.count, rules: rules.count)
  }
}
