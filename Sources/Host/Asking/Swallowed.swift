import Cases
import Detection
import Plugins
import Primitives
import Store

/// What became of findings that raised no alert that anybody looks at: muted, joined, in a flood, behind the budget.
final class Swallowed {
  private let rule: Rule
  private let store: AlertStore
  private let settings: Settings
  private let rows: [MappingRow]
  private var mutes: [StoredMute]?
  private var standing: (book: IncidentBook, ranks: [String: RankedAlert], left: Set<String>)?

  init(_ rule: Rule, store: AlertStore, mappings: [Mapping], settings: Settings) {
    rows = mappings.flatMap(\.rows)
    self.rule = rule
    self.store = store
    self.settings = settings
  }

  /// What kept a finding of the rule on an event from raising an alert, as it was noted then; missing where nothing was.
  ///
  /// - Parameter number: the mute that keeps it quiet when it is judged again.
  func reason(
    _ event: EventRecord, mutedNow number: Int64?
  ) throws(Failure) -> (Miss.Cause, String, alert: String?)? {
    let noted = try store.suppressed(onEvent: event.id).filter { $0.source == event.source }
    let own = noted.first { $0.rule == rule.id }
    // What was muted is noted once a mute, in the name of the most severe rule.
    let muted = own?.reason == .muted ? own : noted.first { $0.reason == .muted }
    if own == nil || own?.reason == .muted, let number = muted?.mute ?? number {
      let told = try store.alerts(ofEvent: event.id).contains { $0.rule == rule.id }
      if let mute = try mute(number), mute.mute.rule ?? rule.id == rule.id, muted != nil || !told {
        return (.muted, "it found the event, and \(words(mute)) kept it quiet", nil)
      }
    }
    guard let own, let id = own.alertID else { return nil }
    switch own.reason {
    case .muted: return nil
    case .flood:
      let then = try store.settings(ofFinding: own.id)
      let limit = then == nil ? nil : settings.deciding(as: then).floodLimit
      let alerts = limit.map { "\($0) alert\($0 == 1 ? "" : "s")" } ?? "as many alerts as it may"
      return (
        .flood,
        "it found the event when it had raised \(alerts) on \(event.source) within an hour "
          + "(alerts.flood_limit of that run); the finding was counted with alert \(id), which tells of the flood",
        id
      )
    case .joined:
      let first = try store.existing(id).flatMap { (id) throws(Failure) in try store.alert(id) }
      let when = first.map { " of \($0.alert.time)" } ?? ""
      return (
        .joined,
        "it found the event, and the finding was counted with alert \(id)\(when): "
          + joining(own.mapping, settings.deciding(as: try store.settings(ofFinding: own.id))),
        id
      )
    }
  }

  /// Where an alert that was raised stands: the others of its incident, and whether there is time for it.
  func place(of id: String) throws(Failure) -> (Miss.Cause, String) {
    let standing = try known()
    var words = ""
    if let incident = standing.book.incident(of: id), incident.facts.count > 1,
      let place = incident.facts.firstIndex(where: { $0.id == id })
    {
      words =
        ", number \(place + 1) of the \(incident.facts.count) alerts of incident \(incident.id)"
    }
    guard let rank = standing.ranks[id], standing.left.contains(id),
      let budget = settings.judgement.budget
    else { return (.raised, words) }
    let share =
      switch budget.share {
      case .all: ""
      case .day: " a day"
      case .team: " a team"
      }
    return (
      .beyondBudget,
      words
        + "; it is worth \(Format.money(rank.worth.dollars)) and stands behind the \(budget.count) "
        + "alert\(budget.count == 1 ? "" : "s")\(share) that there is time for (queue.budget)"
    )
  }

  private func known() throws(Failure) -> (
    book: IncidentBook, ranks: [String: RankedAlert], left: Set<String>
  ) {
    if let standing { return standing }
    let facts = try store.facts()
    let control = Control(settings: settings)
    let ranked = try control.queue(facts, store)
    let left = settings.judgement.budget?.cut(ranked).flatMap { $0.left.map(\.fact.id) } ?? []
    let found = (
      book: IncidentBook(
        facts, settings: settings.judgement.incidents, edits: try store.incidentEdits()),
      ranks: Dictionary(
        ranked.map { ($0.fact.id, $0) }, uniquingKeysWith: { first, _ in first }),
      left: Set(left)
    )
    standing = found
    return found
  }

  private func mute(_ number: Int64) throws(Failure) -> StoredMute? {
    let all: [StoredMute]
    if let mutes {
      all = mutes
    } else {
      all = try store.mutes()
      mutes = all
    }
    return all.first { $0.mute.number == number }
  }

  /// `mute 3 of user ana until 2026-03-09T00:00:00Z, made by ben ("a known test"),`
  private func words(_ mute: StoredMute) -> String {
    let entity = mute.mute.entity
    return
      "mute \(mute.mute.number) of \(AlertCard.shown(entity.field)) \(AlertCard.shown(entity.value)) until "
      + "\(mute.mute.until), made by \(AlertCard.shown(mute.madeBy)) "
      + "(\"\(AlertCard.shown(mute.reason))\"),"
  }

  /// By what findings are one alert.
  private func joining(_ mapping: String?, _ settings: Settings) -> String {
    let ofRow = rows.first { $0.id == mapping }?.dedup
    let dedup = ofRow ?? rule.dedup
    let within = dedup?.within ?? settings.dedupWindow
    let by = dedup?.by ?? []
    let what =
      by.isEmpty
      ? "findings on one entity with one meaning"
      : "findings with the same \(Joining.and(by))"
    let says =
      dedup == nil
      ? "alerts.dedup_window" : "dedup of the \(ofRow == nil ? "rule" : "mapping row")"
    return "\(what) are one alert while each comes within \(within) of the one before (\(says))"
  }
}
