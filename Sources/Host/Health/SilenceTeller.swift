import Cases
import Detection
import Plugins
import Primitives
import Store

/// Warns of each rule that falls silent while its sources go on, once until it fires again; the service raises an alert of it too.
struct SilenceTeller {
  /// Where alerts about silent rules go.
  struct Desk {
    var run: Int64
    /// Says what they mean.
    var policy: Judge.Policy
    /// What they set off.
    var book: ResponseBook
  }

  /// What finds them; no plugin can be called so.
  static let ruleID = "quality.rule-silent"

  let store: AlertStore
  private let desk: Desk?
  private var told: Set<String> = []

  /// - Parameter desk: raises alerts; only warns where missing.
  init(store: AlertStore, desk: Desk? = nil) {
    self.store = store
    self.desk = desk
  }

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
      let source = firings.last { $0.finders.contains(health.rule) }?.source
      try raise(health, source: source ?? "moonwatch")
    }
    told = Set(silent.map(\.rule))
  }

  /// An alert about the rule, one a silence, whichever run tells of it.
  private func raise(_ health: RuleHealth, source: String) throws(Failure) {
    guard let desk, let last = health.firing.last, let silence = health.firing.silence,
      let sentence = health.alarms.last
    else { return }
    let event = EventRecord(
      time: last + silence, id: "silence of \(health.rule) since \(last)", source: source,
      kind: "rule_health", fields: ["rule": .text(health.rule)])
    if try !store.alerts(ofEvent: event.id).isEmpty { return }
    let evidence = Evidence(
      event: event, entity: Entity(field: "rule", value: health.rule),
      findings: [
        Finding(
          row: 0, origin: .rule(id: SilenceTeller.ruleID), severity: .medium,
          title: "A rule fell silent", message: "\(health.rule): \(sentence)")
      ])
    var judge = Judge(policy: desk.policy)
    guard case .raised(let alert, let explanation) = judge.judge(evidence) else { return }
    let now = WallClock.now()
    try store.write(
      [NewAlert(alert, frozen: FrozenEvidence(evidence, contributions: explanation.contributions))],
      owed: desk.book.owed(alert, at: now), run: desk.run, at: now)
  }
}
