import Detection
package import Primitives

/// An agreement to say nothing about one entity for a while: what is found is kept and counted, and raises no alert.
package struct Mute: Hashable, Sendable {
  package var number: Int64
  package var entity: Entity
  /// Only this rule's findings; missing for all, the model's too.
  package var rule: String?
  /// In the time of the events; the first included, the last not.
  package var from: Timestamp
  package var until: Timestamp

  package init(number: Int64, entity: Entity, rule: String?, from: Timestamp, until: Timestamp) {
    self.number = number
    self.entity = entity
    self.rule = rule
    self.from = from
    self.until = until
  }

  /// Whether it keeps a finding of a rule (missing for the model) quiet at a time.
  func covers(_ rule: String?, at time: Timestamp) -> Bool {
    time >= from && time < until && (self.rule == nil || self.rule == rule)
  }
}

/// All mutes, by whom they are about. The time of the events decides, so that the same events and mutes give the same
/// alerts whenever they are judged.
package struct MuteBook: Sendable {
  private var byEntity: [Entity: [Mute]] = [:]

  package init(_ mutes: [Mute] = []) {
    for mute in mutes.sorted(by: { $0.number < $1.number }) where mute.from < mute.until {
      byEntity[mute.entity, default: []].append(mute)
    }
  }

  package var isEmpty: Bool { byEntity.isEmpty }

  /// Parts what may be told from what a mute keeps quiet, by the first mute that covers each finding.
  package func parted(_ evidence: Evidence) -> (told: Evidence?, muted: [(Mute, Evidence)]) {
    guard let entity = evidence.entity, let mutes = byEntity[entity] else { return (evidence, []) }
    var told = evidence
    told.findings = []
    var muted: [(Mute, Evidence)] = []
    for finding in evidence.findings {
      let rule = finding.ruleID
      guard let mute = mutes.first(where: { $0.covers(rule, at: evidence.event.time) }) else {
        told.findings.append(finding)
        continue
      }
      if let place = muted.firstIndex(where: { $0.0.number == mute.number }) {
        muted[place].1.findings.append(finding)
      } else {
        var quiet = evidence
        quiet.findings = [finding]
        muted.append((mute, quiet))
      }
    }
    return (told.findings.isEmpty ? nil : told, muted)
  }
}
