import Cases
import Primitives
import Store

/// Warns of each rule that falls silent while its sources go on, once until it fires again.
struct SilenceTeller {
  let store: AlertStore
  private var told: Set<String> = []

  init(store: AlertStore) { self.store = store }

  /// - Parameters:
  ///   - rules: those that judge now.
  ///   - fields: what each lane knows of its sources, how far they have come above all.
  mutating func tell(
    _ rules: [String], fields: [FieldRecord], to progress: some JobProgress
  ) throws(Failure) {
    var all = FieldRecord()
    for record in fields { all.add(record) }
    let firings = try RuleHealth.firings(store, fields: all)
    let silent = RuleHealth.all(rules, firings: firings, fields: all).filter(\.firing.isSilent)
    for health in silent where !told.contains(health.rule) {
      for alarm in health.alarms { progress.warn("rule \(health.rule): \(alarm)") }
    }
    told = Set(silent.map(\.rule))
  }
}
