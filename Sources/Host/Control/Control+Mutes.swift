package import Cases
package import Detection
import Foundation
import Ingest
import Plugins
package import Primitives
package import Store

/// A mute that somebody asks for.
package struct MuteRequest: Sendable {
  /// `user=ana`.
  package var entity: String
  package var rule: String?
  /// How long, such as `7d`.
  package var span: String
  /// In the time of the events; now where missing.
  package var from: Timestamp?
  package var reason: String
  /// Labels of planted attacks; those that the demo left where missing.
  package var labels: String?

  package init(
    entity: String, rule: String? = nil, span: String, from: Timestamp? = nil, reason: String,
    labels: String? = nil
  ) {
    self.entity = entity
    self.rule = rule
    self.span = span
    self.from = from
    self.reason = reason
    self.labels = labels
  }
}

/// What a mute would have kept quiet, had it been there before.
package struct MuteImpact: Sendable {
  /// Alerts that people closed as true, newest first.
  package var trueAlerts: [StoredAlert] = []
  /// Planted attacks with the alert that told of each.
  package var planted: [(label: Label, alert: StoredAlert)] = []
  /// Whom alerts have to be about to be kept quiet.
  package var entity: Entity
  /// All alerts about the entity, of the rule, so far.
  package var alerts = 0
  /// Alerts whose events name the entity and that are about somebody else: they are told all the same.
  package var naming = 0
  /// Whether an alert of the last 30 days before the newest was about any entity of its field.
  package var hasField = true

  package var hidesNothingTrue: Bool { trueAlerts.isEmpty && planted.isEmpty }
}

extension Control {
  private static let longestMute = TimeSpan.days(366)
  private static let lookedAt = TimeSpan.days(30)

  private var hasDatabase: Bool {
    FileManager.default.fileExists(atPath: settings.dataDirectory + "/moonwatch.db")
  }

  /// What the mute would have hidden, from the alerts of this data directory.
  package func impact(of request: MuteRequest) throws(Failure) -> MuteImpact {
    let entity = try muted(request)
    _ = try span(request)
    var impact = MuteImpact(entity: entity)
    let store: AlertStore
    do throws(Failure) {
      store = try self.store(.readOnly)
    } catch  where error.kind == .usage && !hasDatabase {
      // Nothing was ever found here.
      return impact
    }
    var filter = AlertFilter(entity: entity.value, rule: request.rule, limit: nil)
    filter.entityField = entity.field
    // A mute of one rule keeps its findings quiet and no others': an alert that something else found as well is told all the same.
    let facts = try store.facts()
    let finders = Dictionary(
      facts.map { ($0.id, $0.finders) }, uniquingKeysWith: { first, _ in first })
    impact.naming = facts.count {
      $0.entity != entity && $0.entities.contains(entity)
        && (request.rule.map($0.finders.contains) ?? true)
    }
    if let newest = facts.last?.time {
      impact.hasField = facts.contains {
        $0.time >= newest - Control.lookedAt && $0.entity?.field == entity.field
      }
    }
    let alerts = try store.alerts(filter).filter { stored in
      request.rule.map { finders[stored.alert.id] == [$0] } ?? true
    }
    impact.alerts = alerts.count
    impact.trueAlerts = alerts.filter { $0.disposition == .truePositive }
    let labels = try plantedLabels(request.labels)
    var told: Set<Incident> = []
    for stored in alerts {
      let events = Set(
        [stored.alert.eventID]
          + (try store.suppressed(withAlert: stored.alert.id, limit: 10_000)).map(\.eventID))
      for label in labels {
        let isMeant =
          label.eventID.isEmpty
          ? label.entityField == entity.field && label.entity == entity.value
            && label.start <= stored.alert.time && stored.alert.time <= label.end
          : events.contains(label.eventID)
        let incident = Incident(name: label.name, entity: label.entity, start: label.start)
        if isMeant, told.insert(incident).inserted { impact.planted.append((label, stored)) }
      }
    }
    return impact
  }

  private struct Incident: Hashable {
    var name: String
    var entity: String
    var start: Timestamp
  }

  @discardableResult
  package func addMute(_ request: MuteRequest) throws(Failure) -> StoredMute {
    let entity = try muted(request)
    let span = try span(request)
    guard !request.reason.isEmpty, request.reason.utf8.count <= 2000 else {
      throw Failure(
        .usage, "a mute has a reason of 1 to 2000 bytes",
        advice: "say with --reason why nothing has to be told of \(AlertCard.shown(request.entity))"
      )
    }
    let from = request.from ?? pen.now()
    return try store(.change).addMute(
      entity: entity, rule: request.rule, from: from, until: from + span, reason: request.reason)
  }

  /// Ends a mute now, or at a time of the events.
  @discardableResult
  package func endMute(
    _ number: Int64, at time: Timestamp? = nil, note: String? = nil
  ) throws(Failure) -> StoredMute {
    try store(.change).endMute(number, at: time ?? pen.now(), note: try checked(note))
  }

  /// Newest first, and the time by which they are over or not.
  package func mutes() throws(Failure) -> (mutes: [StoredMute], now: Timestamp) {
    (try store(.readOnly).mutes(), pen.now())
  }

  private func muted(_ request: MuteRequest) throws(Failure) -> Entity {
    guard let (field, value) = Control.named(request.entity), let field, !value.isEmpty else {
      throw Failure(
        .usage, "'\(AlertCard.shown(request.entity))' is not a field and its value",
        advice: "give an entity such as user=ana")
    }
    let installation = try Installation(settings)
    if let rule = request.rule, !installation.finders.contains(rule) {
      throw .unknown(
        "rule", rule, among: installation.finders, advice: "moonwatch plugins list shows them")
    }
    let fields = installation.vocabulary.fields.filter { $0.value == .text }.map(\.key)
    guard fields.contains(field) else {
      throw Failure(
        .usage, "no source has a field '\(AlertCard.shown(field))' that names somebody",
        advice: nearestName(to: field, among: fields).map { "did you mean '\($0)'?" }
          ?? "give an entity such as user=ana")
    }
    return Entity(field: field, value: value)
  }

  private func span(_ request: MuteRequest) throws(Failure) -> TimeSpan {
    guard let span = TimeSpan(words: request.span), span > .zero, span <= Control.longestMute else {
      throw Failure(
        .usage, "a mute for '\(AlertCard.shown(request.span))' cannot be made",
        advice: "give a duration such as 7d or '12 hours', at most 366 days")
    }
    return span
  }

  /// Labels of planted attacks: of a file, or those that the demo left.
  func plantedLabels(_ path: String?) throws(Failure) -> [Label] {
    if let path { return try LabelSource.read(path) }
    var labels: [Label] = []
    for name in ["labels-training.csv", "labels-test.csv"] {
      let path = "\(settings.dataDirectory)/demo/\(name)"
      if FileManager.default.fileExists(atPath: path) { labels += try LabelSource.read(path) }
    }
    return labels
  }
}
