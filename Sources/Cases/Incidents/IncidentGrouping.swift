package import Primitives

/// How long an incident may pause and last, and when an entity is too common to tie alerts together.
package struct IncidentSettings: Hashable, Sendable {
  /// Alerts further apart are no longer tied by what they share.
  package var within = TimeSpan.hours(24)
  /// What comes longer than this after the first alert begins another incident.
  package var atMost = TimeSpan.days(7)
  /// An entity that alerts about more than this many others name within that time ties none of them together: a busy
  /// terminal, a gateway.
  package var mostSubjects = 5
  /// As in `Losses`: `ledger.unattended` of the settings.
  package var lull = TimeSpan.hours(1)

  package init() {}
}

/// Groups alerts that name the same entities in a short time: one pass in order of time.
///
/// - Two alerts about the same entity within `within` belong together.
/// - So do two alerts that name the same entity, unless it is too common (`mostSubjects`).
/// - An alert that ties several groups joins them, as long as the whole stays within `atMost` of its first alert.
///
/// What alerts turned out to be plays no part: an incident does not fall apart while it is worked on. The same alerts give the
/// same groups; later ones may join two groups and change nothing else.
struct IncidentGrouping {
  private struct Mention {
    var own: (time: Timestamp, alert: Int)?
    var named: (time: Timestamp, alert: Int)?
    /// Whom alerts that named it were about, and when last.
    var subjects: [Entity: Timestamp] = [:]
  }

  private let facts: [AlertFact]
  private let settings: IncidentSettings
  /// The group that a group went into; itself where it stands.
  private var parents: [Int]
  private var mentions: [Entity: Mention] = [:]

  /// - Parameter facts: in order of time, then id.
  init(_ facts: [AlertFact], _ settings: IncidentSettings) {
    self.facts = facts
    self.settings = settings
    parents = Array(facts.indices)
    for place in facts.indices { take(place) }
  }

  /// For each alert, the place of the first one of its group.
  mutating func firsts() -> [Int] { facts.indices.map { root($0) } }

  private mutating func take(_ place: Int) {
    let fact = facts[place]
    var ties: [Int] = []
    for entity in fact.entities {
      var mention = mentions[entity] ?? Mention()
      let isOwn = entity == fact.entity
      if let subject = fact.entity { note(subject, fact.time, in: &mention) }
      let isCommon = mention.subjects.count > settings.mostSubjects
      if let own = mention.own, isOwn || !isCommon, isNear(own.time, fact.time) {
        ties.append(own.alert)
      }
      if let named = mention.named, !isCommon, isNear(named.time, fact.time) {
        ties.append(named.alert)
      }
      if isOwn { mention.own = (fact.time, place) } else { mention.named = (fact.time, place) }
      mentions[entity] = mention
    }
    // The first alert of a group has the lowest place: the oldest takes the others in.
    for tie in Set(ties.map { root($0) }).sorted() {
      let (old, new) = (min(tie, root(place)), max(tie, root(place)))
      if old != new && fact.time - facts[old].time <= settings.atMost { parents[new] = old }
    }
  }

  /// Subjects of longer ago are forgotten when there are too many.
  private func note(_ subject: Entity, _ time: Timestamp, in mention: inout Mention) {
    mention.subjects[subject] = time
    guard mention.subjects.count > settings.mostSubjects else { return }
    mention.subjects = mention.subjects.filter { isNear($0.value, time) }
    // One more than allowed says all there is to say.
    while mention.subjects.count > settings.mostSubjects + 1 {
      let oldest = mention.subjects.min {
        ($0.value, $0.key.field, $0.key.value) < ($1.value, $1.key.field, $1.key.value)
      }
      if let oldest { mention.subjects[oldest.key] = nil }
    }
  }

  private func isNear(_ earlier: Timestamp, _ later: Timestamp) -> Bool {
    later - earlier <= settings.within
  }

  private mutating func root(_ place: Int) -> Int {
    var root = place
    while parents[root] != root { root = parents[root] }
    var next = place
    while parents[next] != root {
      let above = parents[next]
      parents[next] = root
      next = above
    }
    return root
  }
}
