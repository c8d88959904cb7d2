import Cases
import Primitives
import Store

/// Keeps what judging knows of people's decisions up with the database, while they decide beside the service.
///
/// Asked between batches; it looks at the database at most so often, and then at one number where nothing was changed.
struct DecisionWatch {
  private let store: AlertStore
  private let secondsBetween: Double
  /// The newest audit record that is known.
  private var record: Int64
  private var asked = RunMeter.now()
  private(set) var decisions: Decisions
  private(set) var mutes: MuteBook

  /// - Parameter risk: says from where on a risk that was set by hand is high.
  init(_ store: AlertStore, risk: RiskSettings, secondsBetween: Double) throws(Failure) {
    self.store = store
    self.secondsBetween = secondsBetween
    // First: what is decided while the rest is read is looked at once more.
    record = try store.newestRecord()
    decisions = try Decisions(store, risk: risk)
    mutes = MuteBook(try store.mutes().map(\.mute))
  }

  /// Whether anything was decided otherwise since this last looked.
  mutating func hasNews() throws(Failure) -> Bool {
    let now = RunMeter.now()
    if now - asked < secondsBetween { return false }
    asked = now
    guard let news = try store.decided(since: record) else { return false }
    record = news.record
    for alert in news.alerts { decisions.take(alert) }
    if news.hasOverrides { decisions.set(try store.overrides()) }
    if news.hasMutes { mutes = MuteBook(try store.mutes().map(\.mute)) }
    return !news.alerts.isEmpty || news.hasOverrides || news.hasMutes
  }
}

extension Decisions {
  /// All that people have decided so far.
  init(_ store: AlertStore, risk: RiskSettings) throws(Failure) {
    self.init(try store.facts(), overrides: try store.overrides(), risk: risk)
  }
}

extension DetectionRun {
  /// Judges from the next batch on with what people have decided by now.
  func know(_ watch: DecisionWatch) {
    judge.know(watch.decisions)
    mutes = watch.mutes
  }
}
