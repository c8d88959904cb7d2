package import Cases
import Detection
package import Host
import Primitives
package import Store

/// Alerts as rows, one line each.
enum AlertRows {
  private static let columns: [Listing.Column] = [
    .init("id", "Alert", importance: 9), .init("time", "Time", importance: 7),
    .init("severity", "Severity", importance: 9), .init("entity_field", "Entity", importance: 0),
    .init("entity", "Of"), .init("title", "What", importance: 4),
    .init("mapping", "Means", importance: 6), .init("cost_usd", "Cost", .trailing, importance: 3),
    .init("message", "Message", importance: 5),
  ]

  static func listing(_ alerts: [Alert]) -> Listing {
    var listing = Listing(columns)
    for alert in alerts { listing.append(values(alert), shown: shown(alert)) }
    return listing
  }

  /// - Parameter style: programs also get what a line on a screen has no room for.
  static func listing(_ alerts: [StoredAlert], for style: RowStyle) -> Listing {
    let forPrograms: [Listing.Column] =
      style == .text ? [] : [.init("cost_per", "Per"), .init("incident", "Incident")]
    var listing = Listing(
      columns + [
        .init("status", "Status", importance: 2),
        .init("joined", "Joined", .trailing, importance: 1),
        .init("state", "State", importance: 3), .init("assignee", "Whose", importance: 2),
        .init("disposition", "Was", importance: 2),
      ] + forPrograms)
    for stored in alerts {
      let standing: [JSONValue] = [
        .text(stored.status.rawValue), .integer(Int64(stored.joined)),
        .text(stored.state.rawValue), stored.assignee.map(JSONValue.text) ?? .null,
        stored.disposition.map { .text($0.rawValue) } ?? .null,
        stored.alert.costPer.map { .text($0.rawValue) } ?? .null, .text(stored.alert.incident),
      ]
      listing.append(
        values(stored.alert) + standing.dropLast(2 - forPrograms.count), shown: shown(stored))
    }
    return listing
  }

  private static func values(_ alert: Alert) -> [JSONValue] {
    [
      .text(alert.id), .text(alert.time.description), .text(alert.severity.word),
      alert.entity.map { .text($0.field) } ?? .null, alert.entity.map { .text($0.value) } ?? .null,
      .text(alert.title), alert.mapping.map(JSONValue.text) ?? .null,
      alert.costUSD.map(JSONValue.number) ?? .null, .text(alert.message),
    ]
  }

  private static func shown(_ stored: StoredAlert) -> [String: TextTable.Cell] {
    var cells = shown(stored.alert)
    cells["state"] = .init(stored.state.phrase)
    cells["disposition"] = .init(stored.disposition?.phrase ?? Format.missing)
    return cells
  }

  private static func shown(_ alert: Alert) -> [String: TextTable.Cell] {
    [
      "id": .init(ShortID.of(alert)),
      "time": .init(Format.second(alert.time)),
      "severity": .init(alert.severity.word, AlertPaint.style(of: alert.severity)),
      "cost_usd": .init(
        alert.costUSD.map { AlertCard.money($0, per: alert.costPer ?? .incident) } ?? Format.missing
      ),
    ]
  }
}

extension Listing {
  /// Alerts under the name that programs look for.
  func rendered(_ style: RowStyle, _ screen: Screen) -> String {
    rendered(style, name: "alerts", empty: "No alerts.", terminal: screen.output)
  }
}

/// What `alerts list` prints.
package struct AlertListView {
  private let alerts: [StoredAlert]

  package init(alerts: [StoredAlert]) { self.alerts = alerts }

  package func print(to screen: Screen, format style: RowStyle) {
    screen.print(AlertRows.listing(alerts, for: style).rendered(style, screen), terminator: "")
  }
}

/// What `alerts show` prints: the alert in three lines, and what has become of it.
package struct AlertView {
  private let stored: StoredAlert
  private let owners: Owners
  private let standing: AlertStanding
  private let frozen: FrozenEvidence?

  /// `findings` were counted with the alert, newest first; not all need be given.
  package init(
    stored: StoredAlert, owners: Owners, findings: [SuppressedFinding] = [],
    frozen: FrozenEvidence? = nil
  ) {
    self.frozen = frozen
    self.stored = stored
    self.owners = owners
    standing = AlertStanding(stored: stored, findings: findings)
  }

  package func print(to screen: Screen, format style: RowStyle) {
    switch style {
    case .json:
      guard case .object(let members) = AlertWriter.json(stored.alert) else {
        preconditionFailure("an alert is written as an object")
      }
      let made = JSONValue.Member("contributions", stored.alert.contributions(frozen))
      screen.print(JSONValue.object(members + [made] + standing.members).serialized(.indented))
    case .csv:
      screen.print(AlertRows.listing([stored], for: .csv).rendered(.csv, screen), terminator: "")
    case .text:
      let alert = stored.alert
      let card = AlertCard.text(alert, owners: owners)
      screen.print(AlertPaint.coloured(card, severity: alert.severity, paint: screen.paint))
      screen.print(AlertCard.duty(alert))
      for reason in alert.reasons { screen.print("  · \(safe(reason.text))") }
      screen.print(
        screen.paint("\(alert.time) · event \(safe(alert.eventID)) of \(safe(alert.source))", .dim))
      screen.print(screen.paint("alert \(alert.id) · incident \(safe(alert.incident))", .dim))
      screen.print(standing.text)
    }
  }
}

/// What `explain` prints: the alert told in full.
package struct ExplainView {
  private let dossier: AlertDossier
  private var stored: StoredAlert { dossier.stored }

  package init(_ dossier: AlertDossier) { self.dossier = dossier }

  package func print(to screen: Screen, format style: RowStyle) {
    let story = AlertStory.text(
      stored.alert, owners: dossier.owners,
      context: .init(
        joined: stored.joined, frozen: dossier.frozen, counterfactual: dossier.counterfactual,
        queueProbability: dossier.queueProbability, stakes: dossier.stakes))
    guard style == .text else {
      screen.print(json(story).serialized(.indented))
      return
    }
    screen.print(
      AlertPaint.coloured(story, severity: stored.alert.severity, paint: screen.paint))
    RecurrenceSection.print(dossier.recurrence, to: screen)
  }

  private func json(_ story: String) -> JSONValue {
    [
      "alert": AlertWriter.json(stored.alert), "joined": .integer(Int64(stored.joined)),
      "contributions": stored.alert.contributions(dossier.frozen),
      "counterfactual": dossier.counterfactual.json,
      "stakes": dossier.stakes?.json ?? .null,
      "queue_probability": dossier.queueProbability.map { .number($0) } ?? .null,
      "recurrence": dossier.recurrence.map(RecurrenceSection.json) ?? .null, "text": .text(story),
    ]
  }
}
