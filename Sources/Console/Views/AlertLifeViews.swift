import Cases
import Detection
import Primitives
package import Store

/// What `alerts show` adds to an alert: how it stands, and what was counted with it instead of being told.
struct AlertStanding {
  let stored: StoredAlert
  let findings: [SuppressedFinding]

  var text: String {
    var text = stored.status == .open ? stored.state.phrase : "closed"
    if let disposition = stored.disposition { text += " as \(disposition.phrase)" }
    if let other = stored.duplicateOf { text += " of \(other.prefix(ShortID.length))" }
    if let time = stored.closedAt { text += " at \(time)" }
    if let note = stored.note, !note.isEmpty { text += ": \(AlertCard.shown(note))" }
    if let assignee = stored.assignee { text += " · \(AlertCard.shown(assignee))'s" }
    if stored.joined > 0 { text += " · \(named(stored.joined, "more finding")) joined it" }
    return ([text] + findings.map(line) + more).joined(separator: "\n")
  }

  private func line(_ finding: SuppressedFinding) -> String {
    var parts = [Format.second(finding.time)]
    if stored.alert.entity == nil, let entity = finding.entity {
      parts.append(AlertCard.shown("\(entity.field) \(entity.value)"))
    }
    parts.append("event \(AlertCard.shown(finding.eventID))")
    if let score = finding.score { parts.append("score \(Format.decimal(score, 2))") }
    parts.append(AlertCard.shown(finding.message))
    return "  + " + parts.joined(separator: " · ")
  }

  private var more: [String] {
    let rest = stored.joined - findings.count
    guard rest > 0, !findings.isEmpty else { return [] }
    return ["  + \(Format.count(rest)) earlier"]
  }

  /// Stands behind the alert's own keys.
  var members: [JSONValue.Member] {
    stored.exported.standing + [.init("suppressed", .list(findings.map(AlertStanding.json)))]
  }

  static func json(_ finding: SuppressedFinding) -> JSONValue {
    [
      "id": .text(finding.id), "reason": .text(finding.reason.rawValue),
      "time": .text(finding.time.description), "event_id": .text(finding.eventID),
      "source": .text(finding.source),
      "entity": [
        "field": finding.entity.map { .text($0.field) } ?? .null,
        "value": finding.entity.map { .text($0.value) } ?? .null,
      ],
      "rule": finding.rule.map(JSONValue.text) ?? .null,
      "mapping": finding.mapping.map(JSONValue.text) ?? .null,
      "score": finding.score.map(JSONValue.number) ?? .null,
      "severity": .text(finding.severity.word), "message": .text(finding.message),
    ]
  }
}

/// What `alerts history` prints: an alert's life, oldest first.
package struct AlertHistoryView {
  private let history: AlertHistory

  package init(history: AlertHistory) { self.history = history }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("time", "Time", importance: 9), .init("who", "Who", importance: 9),
      .init("did", "Did", importance: 9), .init("now", "Now", importance: 7),
      .init("note", "Why", importance: 6), .init("record", "Record", .trailing, importance: 2),
    ])
    let alert = history.stored.alert
    listing.append([
      .text(alert.time.description), .text(history.run ?? ""), .text("raised"), .text("new"), .null,
      .null,
    ])
    for record in history.records {
      listing.append([
        .text(record.time.description), .text(record.actor.name),
        .text(String(record.action.drop { $0 != "." }.dropFirst())),
        now(record.after).map(JSONValue.text) ?? .null, record.note.map(JSONValue.text) ?? .null,
        .integer(record.number),
      ])
    }
    screen.print(
      listing.rendered(style, name: "history", empty: "", terminal: screen.output), terminator: "")
  }

  /// `acknowledged`, `resolved as benign`, `ana's`.
  private func now(_ json: String?) -> String? {
    guard let json else { return nil }
    do {
      let after = try JSONValue.parse(json)
      var parts: [String] = []
      if let state = after["state"]?.text { parts.append(state.replacing("_", with: " ")) }
      if let word = after["disposition"]?.text {
        parts.append("as \(word.replacing("_", with: " "))")
      }
      if let other = after["duplicate_of"]?.text {
        parts.append("of \(other.prefix(ShortID.length))")
      }
      if let name = after["assignee"]?.text { parts.append("\(name)'s") }
      if case .object(let members) = after,
        members.contains(where: { $0.key == "assignee" && $0.value == .null })
      {
        parts.append("nobody's")
      }
      return parts.isEmpty ? nil : parts.joined(separator: " ")
    } catch {
      return json
    }
  }
}
