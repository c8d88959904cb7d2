import Cases
import Detection
package import Host
package import Primitives
package import Store

/// What `mutes list` prints.
package struct MuteListView {
  private let mutes: [StoredMute]
  private let now: Timestamp

  package init(mutes: [StoredMute], now: Timestamp) {
    self.mutes = mutes
    self.now = now
  }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("mute", "Mute", .trailing, importance: 9), .init("entity", "Of", importance: 9),
      .init("rule", "Rule", importance: 6), .init("from", "From", importance: 3),
      .init("until", "Until", importance: 8), .init("state", "State", importance: 8),
      .init("hidden", "Kept quiet", .trailing, importance: 8),
      .init("last_hidden", "Last", importance: 2), .init("by", "By", importance: 4),
      .init("reason", "Why", importance: 5),
    ])
    for stored in mutes {
      let mute = stored.mute
      listing.append(
        [
          .integer(mute.number), .text("\(mute.entity.field)=\(mute.entity.value)"),
          mute.rule.map(JSONValue.text) ?? .null, .text(mute.from.description),
          .text(mute.until.description), .text(state(stored)), .integer(Int64(stored.hidden)),
          stored.lastHidden.map { .text($0.description) } ?? .null, .text(stored.madeBy),
          .text(stored.reason),
        ],
        shown: [
          "from": .init(Format.minute(mute.from)), "until": .init(Format.minute(mute.until)),
          "last_hidden": .init(stored.lastHidden.map { Format.minute($0) } ?? Format.missing),
          "rule": .init(mute.rule ?? "all"),
        ])
    }
    screen.print(
      listing.rendered(style, name: "mutes", empty: "No mutes.", terminal: screen.output),
      terminator: "")
  }

  private func state(_ stored: StoredMute) -> String {
    if stored.ended != nil { return "ended" }
    if stored.mute.until <= now { return "over" }
    return stored.mute.from > now ? "to come" : "active"
  }
}

/// What a mute would have hidden, in words.
package struct MuteImpactView {
  private let impact: MuteImpact
  private static let most = 10

  package init(impact: MuteImpact) { self.impact = impact }

  package func print(to screen: Screen) {
    for line in scope { screen.note(line) }
    if impact.hidesNothingTrue {
      let known = "would have hidden \(named(impact.alerts, "alert")) so far, none known to be true"
      screen.note(impact.alerts == 0 ? "would have hidden no alert so far" : known)
      return
    }
    var lines: [String] = []
    if !impact.trueAlerts.isEmpty {
      lines.append(
        "It would have hidden \(named(impact.trueAlerts.count, "alert")) that proved true:")
      for stored in impact.trueAlerts.prefix(MuteImpactView.most) {
        let alert = stored.alert
        lines.append(
          "  \(ShortID.of(alert))  \(Format.day(alert.time))  \(safe(alert.title)): "
            + safe(alert.message))
      }
      lines += rest(impact.trueAlerts.count)
    }
    if !impact.planted.isEmpty {
      lines.append("It would have hidden \(named(impact.planted.count, "planted attack")):")
      for (label, stored) in impact.planted.prefix(MuteImpactView.most) {
        lines.append(
          "  \(ShortID.of(stored.alert))  \(Format.day(label.start))  "
            + "\(safe(label.name)) on \(safe(label.entityField)) \(safe(label.entity))")
      }
      lines += rest(impact.planted.count)
    }
    screen.print(lines.joined(separator: "\n"))
  }

  /// Whom it is about, and what it does not keep quiet.
  private var scope: [String] {
    let name = safe("\(impact.entity.field) \(impact.entity.value)")
    var lines = ["keeps quiet what is found about \(name), not what only names it"]
    if !impact.hasField {
      lines.append(
        "no alert of the last 30 days is about any \(safe(impact.entity.field)): "
          + "it may keep nothing quiet")
    }
    if impact.naming > 0 {
      let (name, are) = impact.naming == 1 ? ("names", "is") : ("name", "are")
      lines.append(
        "\(named(impact.naming, "alert")) so far \(name) it and \(are) about others: "
          + "they are told all the same")
    }
    return lines
  }

  private func rest(_ count: Int) -> [String] {
    count > MuteImpactView.most ? ["  … and \(count - MuteImpactView.most) more"] : []
  }
}
