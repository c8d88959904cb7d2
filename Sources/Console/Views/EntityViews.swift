package import Cases
import Detection
package import Host
package import Primitives

/// What `entities list` prints: who is in how much trouble, the most first.
package struct EntityListView {
  private let at: Timestamp
  private let risks: [EntityRisk]

  package init(at: Timestamp, risks: [EntityRisk]) {
    self.at = at
    self.risks = risks
  }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("field", "Field", importance: 7), .init("entity", "Entity", importance: 9),
      .init("risk", "Risk", .trailing, importance: 9), .init("band", "Band"),
      .init("criticality", "Matters", .trailing, importance: 4),
      .init("alerts", "Alerts", .trailing, importance: 6), .init("newest", "Newest", importance: 5),
      .init("set_until", "Set until", importance: 3), .init("at", "At", importance: 0),
    ])
    for risk in risks { append(risk, to: &listing) }
    if style == .text && !risks.isEmpty {
      screen.print(screen.paint("Risk as of \(at)", .dim))
    }
    screen.print(
      listing.rendered(
        style, name: "entities", empty: "Nobody has a risk at \(at).", terminal: screen.output),
      terminator: "")
  }

  private func append(_ risk: EntityRisk, to listing: inout Listing) {
    let alerts = risk.contributions.compactMap(\.alert)
    let newest = alerts.map(\.time).max()
    listing.append(
      [
        .text(risk.entity.field), .text(risk.entity.value), .number(risk.score),
        .text(risk.band.rawValue), .number(risk.criticality), .integer(Int64(alerts.count)),
        newest.map { .text($0.description) } ?? .null,
        risk.override.map { .text($0.until.description) } ?? .null, .text(at.description),
      ],
      shown: [
        "risk": .init(Format.decimal(risk.score), RiskPaint.style(of: risk.band)),
        "band": .init(risk.band.rawValue, RiskPaint.style(of: risk.band)),
        "criticality": .init(Format.number(risk.criticality)),
      ])
  }
}

enum RiskPaint {
  static func style(of band: RiskBand) -> Style? {
    switch band {
    case .green: .green
    case .amber: .yellow
    case .red: .red
    }
  }
}

extension RiskContribution {
  fileprivate var alert: AlertFact? {
    if case .alert(let fact, _) = source { return fact }
    return nil
  }
}

/// What `entities show` prints: the risk, what makes it up, how it came there and what would make it green.
package struct EntityView {
  private let story: EntityStory

  package init(story: EntityStory) { self.story = story }

  package func print(to screen: Screen, format style: RowStyle) {
    switch style {
    case .json: screen.print(json.serialized(.indented))
    case .csv: screen.print(contributions.rendered(.csv, screen.output), terminator: "")
    case .text:
      let risk = story.risk
      let name = "\(safe(risk.entity.field)) \(safe(risk.entity.value))"
      let band = screen.paint(risk.band.rawValue, RiskPaint.style(of: risk.band))
      screen.print("\(name): risk \(Format.decimal(risk.score)), \(band), at \(risk.at)")
      if risk.criticality != 1 {
        screen.print("It matters \(Format.number(risk.criticality)) times as much as others.")
      }
      screen.print("")
      screen.print(contributions.rendered(.text, screen.output), terminator: "")
      screen.print("\nBefore")
      for (time, risk) in story.history {
        screen.print("  \(time)  \(Format.decimal(risk.score))  \(risk.band.rawValue)")
      }
      let lines = [risk.override.map { held($0, risk) }, risk.wayToGreen.map { words($0, risk) }]
        .compactMap { $0 }
      if !lines.isEmpty { screen.print("\n" + lines.joined(separator: "\n")) }
    }
  }

  /// What a person set, and what it stands in place of.
  private func held(_ override: RiskOverride, _ risk: EntityRisk) -> String {
    let alerts = risk.contributions.reduce(0) { sum, one in
      if case .alert = one.source { sum + one.hundredths } else { sum }
    }
    return "Set by hand until \(override.until); its alerts alone come to "
      + "\(Format.decimal(Double(alerts) / 100)), \(risk.computed.rawValue)."
  }

  private func words(_ way: WayToGreen, _ risk: EntityRisk) -> String {
    let ids = way.closing.prefix(5).map { String($0.prefix(ShortID.length)) }
    let rest = way.closing.count - ids.count
    let alerts = ids.joined(separator: ", ") + (rest > 0 ? " and \(Format.count(rest)) more" : "")
    var steps: [String] = []
    if way.clearing {
      let name = safe("\(risk.entity.field)=\(risk.entity.value)")
      steps.append("what was set by hand taken back (moonwatch entities clear \(name))")
    }
    if !ids.isEmpty {
      steps.append(
        "\(way.closing.count == 1 ? "alert" : "alerts") \(alerts) closed as false positive")
    }
    let begins = risk.band == .green ? "To stay green then" : "To green"
    return "\(begins): \(Joining.and(steps)), or nothing new until \(way.byItself)."
  }

  private var contributions: RiskRows { RiskRows(story.risk.contributions) }

  private var json: JSONValue {
    let risk = story.risk
    return [
      "field": .text(risk.entity.field), "entity": .text(risk.entity.value),
      "at": .text(risk.at.description), "risk": .number(risk.score),
      "band": .text(risk.band.rawValue), "criticality": .number(risk.criticality),
      "contributions": .list(contributions.listing.objects),
      "history": .list(
        story.history.map {
          [
            "time": .text($0.time.description), "risk": .number($0.risk.score),
            "band": .text($0.risk.band.rawValue),
          ]
        }),
      "to_green": risk.wayToGreen.map {
        [
          "by_itself": .text($0.byItself.description),
          "closing": .list($0.closing.map(JSONValue.text)), "clearing": .flag($0.clearing),
        ]
      } ?? .null,
      "override": risk.override.map {
        [
          "risk": .number(Double($0.hundredths) / 100), "since": .text($0.since.description),
          "until": .text($0.until.description), "note": .text($0.note),
        ]
      } ?? .null,
    ]
  }
}

/// What makes up a risk, one row each; the points add up to it.
private struct RiskRows {
  let listing: Listing

  init(_ contributions: [RiskContribution]) {
    var listing = Listing([
      .init("points", "Points", .trailing, importance: 9), .init("alert", "Alert", importance: 9),
      .init("time", "Time", importance: 7), .init("severity", "Severity", importance: 6),
      .init("role", "Role", importance: 5), .init("outcome", "Was", importance: 5),
      .init("title", "What", importance: 4),
    ])
    for one in contributions { RiskRows.append(one, to: &listing) }
    self.listing = listing
  }

  private static func append(_ one: RiskContribution, to listing: inout Listing) {
    let points = ["points": TextTable.Cell(Format.decimal(one.points))]
    switch one.source {
    case .alert(let fact, let isOwn):
      listing.append(
        [
          .number(one.points), .text(fact.id), .text(fact.time.description),
          .text(fact.severity.word), .text(isOwn ? "about it" : "names it"),
          .text(fact.outcome?.words ?? "open"), .text(fact.title),
        ],
        shown: points.merging([
          "alert": .init(String(fact.id.prefix(ShortID.length))),
          "time": .init(Format.second(fact.time)),
          "severity": .init(fact.severity.word, AlertPaint.style(of: fact.severity)),
        ]) { _, new in new })
    case .override(let override):
      listing.append(
        [
          .number(one.points), .null, .text(override.since.description), .null,
          .text("set by hand"), .null,
          .text(override.note.isEmpty ? "until \(override.until)" : override.note),
        ], shown: points)
    }
  }

  func rendered(_ style: RowStyle, _ terminal: Terminal) -> String {
    listing.rendered(
      style, name: "contributions", empty: "Nothing adds to it.", terminal: terminal)
  }
}

/// What changing a risk by hand says.
package enum EntityNote {
  package static func set(_ override: RiskOverride) -> String {
    let risk = Format.decimal(Double(override.hundredths) / 100)
    return "the risk of \(safe(override.entity.field)) \(safe(override.entity.value)) is \(risk)"
      + " from \(override.since) until \(override.until)"
  }

  package static func cleared(_ entity: String) -> String {
    "the risk of \(safe(entity)) is computed again"
  }
}
