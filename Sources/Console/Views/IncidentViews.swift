package import Cases
import Detection
import Primitives

/// What `incidents list` prints: one line an incident.
package struct IncidentListView {
  private let incidents: [IncidentCase]

  package init(incidents: [IncidentCase]) { self.incidents = incidents }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("id", "Incident", importance: 9), .init("first", "First", importance: 7),
      .init("last", "Last", importance: 3), .init("severity", "Severity", importance: 9),
      .init("alerts", "Alerts", .trailing), .init("cost_usd", "Cost", .trailing, importance: 7),
      .init("stage", "Stage", importance: 5), .init("status", "Status", importance: 4),
      .init("entities", "Who", importance: 6), .init("title", "Began as", importance: 5),
    ])
    for incident in incidents { append(incident, to: &listing) }
    screen.print(
      listing.rendered(
        style, name: "incidents", empty: "No incidents.", terminal: screen.output),
      terminator: "")
  }

  private func append(_ incident: IncidentCase, to listing: inout Listing) {
    let who = incident.entities.map { "\($0.entity.field) \($0.entity.value)" }
    let short = who.prefix(3).joined(separator: ", ")
    listing.append(
      [
        .text(incident.id), .text(incident.first.description), .text(incident.last.description),
        .text(incident.severity.word), .integer(Int64(incident.facts.count)),
        .number(incident.cost.dollars), incident.stage.map { .text($0.word) } ?? .null,
        .text(incident.isOpen ? "open" : "closed"), .text(who.joined(separator: "; ")),
        .text(incident.facts[0].title),
      ],
      shown: [
        "first": .init(Format.minute(incident.first)), "last": .init(Format.minute(incident.last)),
        "severity": .init(incident.severity.word, AlertPaint.style(of: incident.severity)),
        "cost_usd": .init(Format.money(incident.cost.dollars)),
        "entities": .init(who.count > 3 ? "\(short) and \(who.count - 3) more" : short),
      ])
  }
}

/// What `incidents show` prints: how bad, the chain of the attack, every alert in order; for programs the graph too.
package struct IncidentView {
  private let incident: IncidentCase

  package init(incident: IncidentCase) { self.incident = incident }

  package func print(to screen: Screen, format style: RowStyle) {
    switch style {
    case .json: screen.print(json.serialized(.indented))
    case .csv:
      screen.print(
        timeline(for: .csv).rendered(.csv, name: "timeline", empty: "", terminal: screen.output),
        terminator: "")
    case .text: printText(to: screen)
    }
  }

  private func printText(to screen: Screen) {
    let severity = screen.paint(
      incident.severity.word, .bold, AlertPaint.style(of: incident.severity))
    screen.print(
      "\(incident.id): \(severity), \(named(incident.facts.count, "alert")) from "
        + "\(Format.minute(incident.first)) to \(Format.minute(incident.last)), "
        + "est. cost \(Format.money(incident.cost.dollars)), "
        + (incident.isOpen ? "open" : "closed"))
    let who = incident.entities.prefix(8).map {
      "\(safe($0.entity.field)) \(safe($0.entity.value)) (\($0.alerts))"
    }
    let rest = incident.entities.count - who.count
    screen.print("Who: \(who.joined(separator: ", "))\(rest > 0 ? " and \(rest) more" : "")")
    if incident.isEdited { screen.print("People merged or split it.") }
    screen.print("\nHow it went on")
    for line in tree.lines { screen.print(line) }
    screen.print("\nAlerts")
    screen.print(
      timeline(for: .text).rendered(.text, name: "timeline", empty: "", terminal: screen.output),
      terminator: "")
  }

  private var tree: ChainTree {
    let named = Dictionary(
      incident.facts.map { ($0.id, Set($0.entities)) }, uniquingKeysWith: { first, _ in first })
    return ChainTree(
      incident.chain.map { step in
        ChainTree.Step(
          first: step.first, entity: step.entity,
          named: step.alerts.reduce(into: []) { $0.formUnion(named[$1] ?? []) },
          words: words(step))
      })
  }

  private func words(_ step: IncidentStep) -> String {
    let stage = [step.stage?.tactic?.word, step.stage?.technique].compactMap { $0 }
    var text = safe(step.title)
    if let entity = step.entity { text += ", \(safe(entity.field)) \(safe(entity.value))" }
    if step.alerts.count > 1 {
      text += ", \(step.alerts.count) times until \(Format.minute(step.last))"
    }
    return stage.isEmpty ? text : "\(text) · \(safe(stage.joined(separator: " ")))"
  }

  /// - Parameter style: a person reads the unit with the cost, programs by itself.
  private func timeline(for style: RowStyle) -> Listing {
    var listing = Listing(
      [
        .init("time", "Time", importance: 9), .init("alert", "Alert", importance: 9),
        .init("severity", "Severity"), .init("finder", "Found by", importance: 3),
        .init("entity_field", "Field", importance: 2), .init("entity", "Of", importance: 6),
        .init("title", "What", importance: 7), .init("cost_usd", "Cost", .trailing, importance: 4),
        .init("loss_usd", "Loss", .trailing, importance: 5), .init("outcome", "Was", importance: 5),
        .init("until", "Until", importance: 1),
      ] + (style == .text ? [] : [.init("cost_per", "Per")]))
    for fact in incident.facts {
      listing.append(
        [
          .text(fact.time.description), .text(fact.id), .text(fact.severity.word),
          .text(fact.finder), fact.entity.map { .text($0.field) } ?? .null,
          fact.entity.map { .text($0.value) } ?? .null, .text(fact.title),
          .number(fact.cost.dollars), .number(loss(fact).dollars),
          .text(fact.outcome?.words ?? "open"), .text(fact.end.description),
        ] + (style == .text ? [] : [.text(fact.costPer.rawValue)]),
        shown: [
          "time": .init(Format.second(fact.time)),
          "alert": .init(String(fact.id.prefix(ShortID.length))),
          "severity": .init(fact.severity.word, AlertPaint.style(of: fact.severity)),
          "cost_usd": .init(AlertCard.money(fact.cost.dollars, per: fact.costPer)),
          "loss_usd": .init(Format.money(loss(fact).dollars)),
          "until": .init(Format.second(fact.end)),
        ])
    }
    return listing
  }

  /// What it adds to the cost; nothing where it turned out to be something else.
  private func loss(_ fact: AlertFact) -> Cents { incident.losses[fact.id] ?? .zero }

  private var json: JSONValue {
    [
      "id": .text(incident.id), "first": .text(incident.first.description),
      "last": .text(incident.last.description), "severity": .text(incident.severity.word),
      "cost_usd": .number(incident.cost.dollars),
      "status": .text(incident.isOpen ? "open" : "closed"),
      "stage": incident.stage.map { .text($0.word) } ?? .null, "edited": .flag(incident.isEdited),
      "chain": .list(incident.chain.map(json)), "timeline": .list(timeline(for: .json).objects),
      "graph": IncidentGraph(incident).json,
    ]
  }

  private func json(_ step: IncidentStep) -> JSONValue {
    [
      "tactic": (step.stage?.tactic).map { .text($0.word) } ?? .null,
      "technique": (step.stage?.technique).map { .text($0) } ?? .null,
      "finder": .text(step.finder), "entity_field": step.entity.map { .text($0.field) } ?? .null,
      "entity": step.entity.map { .text($0.value) } ?? .null, "title": .text(step.title),
      "severity": .text(step.severity.word), "first": .text(step.first.description),
      "last": .text(step.last.description), "alerts": .list(step.alerts.map(JSONValue.text)),
    ]
  }
}

extension IncidentGraph {
  fileprivate var json: JSONValue {
    [
      "nodes": .list(nodes.map(IncidentGraph.json)),
      "edges": .list(
        edges.map {
          [
            "from": .text(Node.id(ofAlert: $0.alert)), "to": .text(Node.id(of: $0.entity)),
            "kind": .text($0.isAbout ? "about" : "names"),
          ]
        }),
    ]
  }

  private static func json(_ node: Node) -> JSONValue {
    switch node {
    case .alert(let fact):
      [
        "id": .text(node.id), "kind": "alert", "label": .text(fact.title),
        "severity": .text(fact.severity.word), "time": .text(fact.time.description),
      ]
    case .entity(let entity, let alerts):
      [
        "id": .text(node.id), "kind": "entity", "label": .text("\(entity.field) \(entity.value)"),
        "field": .text(entity.field), "value": .text(entity.value),
        "alerts": .integer(Int64(alerts)),
      ]
    }
  }
}

/// What merging and splitting says.
package enum IncidentNote {
  package static func changed(_ incident: IncidentCase) -> String {
    "\(incident.id) has \(named(incident.facts.count, "alert"))"
  }
}
