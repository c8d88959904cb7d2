package import Cases
import Crypto
import Detection
import Learning
import Plugins
package import Primitives
import Store

/// What an alert rests on, and whether the kept events lead to it again.
package struct ProofCard: Sendable {
  package enum Verdict: String, Sendable {
    /// The same alert, value by value.
    case same
    /// Another alert, or none.
    case differs
    /// The events that it rests on are not kept any more.
    case unprovable
  }

  package struct Difference: Sendable, Hashable {
    package var what: String
    package var then: String
    package var now: String
  }

  package var alert: Alert
  package var verdict: Verdict
  /// Why, in a sentence.
  package var sentence: String
  /// The event that it was raised on.
  package var eventIDs: [String]
  /// As they were frozen with the alert.
  package var features: [FrozenEvidence.Feature]
  /// Digests of what judges now: SHA-256 of the rule's file, of the model and of all plugins.
  package var ruleDigest: String?
  package var ruleFile: String?
  package var modelDigest: String?
  package var pluginsDigest: String
  package var differences: [Difference]
  package var keptSince: Timestamp?
  /// Settings by which the run judged, and so does the proof, where they are others now; missing where the run kept none.
  package var settingsThen: [String]?

  package var json: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .text($0) } ?? .null }
    return [
      "alert": .text(alert.id), "verdict": .text(verdict.rawValue), "sentence": .text(sentence),
      "event_ids": .list(eventIDs.map { .text($0) }),
      "features": .object(
        features.map { feature in
          .init(feature.name, feature.value.map { .number($0) } ?? .null)
        }),
      "rule": text(alert.rule), "rule_file": text(ruleFile), "rule_sha256": text(ruleDigest),
      "model": text(alert.model), "model_digest": text(modelDigest),
      "plugins_digest": ["then": text(alert.pluginsDigest), "now": .text(pluginsDigest)],
      "differences": .list(
        differences.map {
          ["what": .text($0.what), "then": .text($0.then), "now": .text($0.now)]
        }),
      "kept_since": text(keptSince?.description),
      "settings_then": settingsThen.map { .list($0.map { .text($0) }) } ?? .null,
    ]
  }
}

extension Control {
  /// Recomputes an alert from the kept events with what is installed now.
  package func prove(
    _ idOrPrefix: String, progress: some JobProgress
  ) throws(Failure) -> ProofCard {
    try prove(idOrPrefix, usesPart: true, progress: progress)
  }

  /// - Parameter usesPart: as in `Replay.judgement`.
  func prove(
    _ idOrPrefix: String, usesPart: Bool, progress: some JobProgress
  ) throws(Failure) -> ProofCard {
    let installation = try Installation(settings)
    let store = try store(.readOnly)
    let alert = try store.alert(idOrPrefix).alert
    let frozen = try store.frozen(alert.id)
    let rule = alert.rule.flatMap { id in installation.plugins.rules.first { $0.id == id } }
    var card = ProofCard(
      alert: alert, verdict: .unprovable, sentence: "", eventIDs: [alert.eventID],
      features: frozen?.features ?? [],
      ruleDigest: rule.map { rule in
        SHA256.hash(data: Array(rule.origin.source.text.utf8)).map(Control.hexadecimal).joined()
      }, ruleFile: rule?.file, modelDigest: nil, pluginsDigest: installation.plugins.digest,
      differences: [], keptSince: nil)
    let changed = try store.changedColumns(of: alert.id).map {
      ProofCard.Difference(what: "the table's \($0.column)", then: $0.alert, now: $0.kept)
    }
    let then = try store.settings(ofAlert: alert.id)
    if then != nil { card.settingsThen = self.settings.changes(since: then) }
    let settings = self.settings.deciding(as: then)
    let kept = RetainedEvents(store) { progress.warn($0) }
    guard
      let found = try kept.events(id: alert.eventID).first(where: {
        $0.event.source == alert.source
      })
    else {
      card.sentence = "its event \(alert.eventID) is not kept any more"
      card.tell(changed)
      return card
    }
    let mutes = try mutesInForce(store)
    // What is usual for others is known to those alone who have seen them.
    let usesPart = usesPart && alert.reasons.allSatisfy { $0.peers == nil }
    let (again, replay) = try Replay.judgement(
      of: found, store: store, settings: settings, usesPart: usesPart, progress: progress
    ) { () throws(Failure) in
      let replay = try Replay(
        found.stream, of: kept, installation: installation, settings: settings,
        modelName: alert.model, mutes: mutes,
        record: frozen?.record ?? TrackRecord())
      if let entity = alert.entity, let past = alert.past {
        replay.run.judge.outcomes = EntityOutcomes(of: entity, as: past)
      }
      return Replay.Asked(replay: replay, events: [found.event])
    }
    card.modelDigest = replay.plan.model?.file.digest
    card.keptSince = found.stream.first
    card.compare(with: again, frozen)
    card.tell(changed)
    return card
  }

  /// What is muted, for a replay that is to judge as the run did.
  func mutesInForce(_ store: AlertStore) throws(Failure) -> MuteBook {
    MuteBook(try store.mutes().map(\.mute))
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
  }
}

extension ProofCard {
  fileprivate mutating func compare(with again: JudgementOutput, _ frozen: FrozenEvidence?) {
    let alerts = again.judgement.alerts
    guard
      let place = alerts.firstIndex(where: { $0.id == alert.id })
        ?? alerts.firstIndex(where: { $0.entity == alert.entity })
    else {
      verdict = .differs
      differences = [Difference(what: "alert", then: alert.id, now: outcome(again.judgement))]
      // A mute is reason enough.
      let reason = again.judgement.mutes.isEmpty ? reason : ""
      sentence = "the kept events do not lead to it: \(outcome(again.judgement))\(reason)"
      return
    }
    differences = members(alert, alerts[place])
    if let frozen { differences += values(frozen, again.frozen[place]) }
    let others = differences.filter { $0.what != "plugins_digest" }
    if others.isEmpty {
      verdict = .same
      sentence =
        differences.isEmpty
        ? "the kept events lead to the same alert, value by value"
        : "the kept events lead to the same alert with the plugins of now, which are others than then"
    } else {
      verdict = .differs
      let names = others.prefix(3).map(\.what).joined(separator: ", ")
      sentence =
        "\(others.count) value\(others.count == 1 ? " differs" : "s differ"): \(names)\(reason)"
    }
  }

  /// The table beside the alert says otherwise than the alert: nothing else matters then.
  fileprivate mutating func tell(_ changed: [Difference]) {
    if changed.isEmpty { return }
    verdict = .differs
    let names = Joining.and(changed.map(\.what))
    let verb = changed.count == 1 ? "does not say" : "do not say"
    sentence = "it was changed past the program: \(names) \(verb) what the alert says; \(sentence)"
    differences = changed + differences
  }

  private var reason: String {
    if alert.pluginsDigest != pluginsDigest { return "; the plugins are others now" }
    return keptSince.map { "; windows know nothing of before \($0)" } ?? ""
  }

  private func outcome(_ judgement: Judgement) -> String {
    if judgement.isLate { return "the event is too late to be judged" }
    if let mute = judgement.mutes.first, judgement.alerts.isEmpty {
      return "mute \(mute) keeps it quiet now"
    }
    if let joined = judgement.joined.first { return "the finding joins alert \(joined)" }
    return judgement.found.isEmpty ? "nothing is found" : "another alert is raised"
  }

  private func members(_ then: Alert, _ now: Alert) -> [Difference] {
    func members(_ alert: Alert) -> [JSONValue.Member] {
      do throws(JSONProblem) {
        let line = String(decoding: AlertWriter.line(alert), as: UTF8.self)
        if case .object(let members) = try JSONValue.parse(line) { return members }
      } catch {
        preconditionFailure("an alert is written as JSON")
      }
      return []
    }
    let after = Dictionary(
      members(now).map { ($0.key, $0.value.serialized()) }, uniquingKeysWith: { first, _ in first })
    return members(then).compactMap { member in
      let before = member.value.serialized()
      let other = after[member.key] ?? "missing"
      return before == other ? nil : Difference(what: member.key, then: before, now: other)
    }
  }

  private func values(_ then: FrozenEvidence, _ now: FrozenEvidence) -> [Difference] {
    let after = Dictionary(
      now.features.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "missing" }
    return then.features.compactMap { feature in
      guard let other = after[feature.name] else {
        return Difference(what: feature.name, then: text(feature.value), now: "not computed")
      }
      return other == feature.value
        ? nil
        : Difference(what: feature.name, then: text(feature.value), now: text(other))
    }
  }
}
