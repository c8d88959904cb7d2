import Cases
import Crypto
import Detection
import Foundation
import Plugins
import Primitives
import Response
import Store
import Synchronization

/// Which escalations and playbooks an alert of one source sets off, and with what they may work. Any thread may ask it.
///
/// Each source has its own, because it takes up changed plugins, refuses and undoes them by itself.
final class ResponseBook: Sendable {
  /// What stands in the folders at one moment.
  struct Edition: Sendable {
    let escalations: [EscalationPlugin]
    let playbooks: [PlaybookPlugin]
    let grants: GrantBook
    /// Of each plugin's text, by id: what was begun with one is not gone on with by another.
    let digests: [String: String]

    init(_ installation: Installation) {
      escalations = installation.plugins.escalations
      playbooks = installation.plugins.playbooks
      grants = installation.grants
      let origins = escalations.map { ($0.id, $0.origin) } + playbooks.map { ($0.id, $0.origin) }
      digests = Dictionary(
        origins.map { id, origin in
          (id, hexadecimal(SHA256.hash(data: Data(origin.source.text.utf8)).prefix(16)))
        }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// The source's name in the settings; empty where nothing is to be done.
  let input: String
  /// Why nothing is done where nothing is to be done; missing in the service.
  private let onlyRecords: String?
  private let current: Mutex<Edition>

  init(_ installation: Installation, of input: String = "", onlyRecords: String? = nil) {
    self.input = input
    self.onlyRecords = onlyRecords
    current = Mutex(Edition(installation))
  }

  var edition: Edition { current.withLock { $0 } }

  /// Alerts from now on meet these plugins.
  func renew(_ edition: Edition) { current.withLock { $0 = edition } }

  /// What an alert sets off that is raised now.
  func owed(_ alert: Alert, at now: Timestamp) -> [OwedResponse] {
    let edition = edition
    if edition.digests.isEmpty { return [] }
    let facts = AlertFacts(alert)
    var owed: [OwedResponse] = []
    for plugin in edition.escalations {
      let escalation = plugin.escalation
      let wait = EscalationDesk.wait(escalation.when)
      guard facts.satisfies(escalation.when, unclaimed: wait) else { continue }
      owed.append(
        OwedResponse(
          plugin: plugin.id, kind: .escalation, alert: alert.id, due: now + wait,
          limitedBy: (escalation.limit?.per ?? []).map { "\($0)=\(facts.value($0))" }
            .joined(separator: "\u{1F}"),
          input: input,
          withheld: withheld(
            plugin.id, uses: escalation.uses, settings: escalation.settings, edition.grants)))
    }
    for plugin in edition.playbooks
    where facts.satisfies(plugin.playbook.when, unclaimed: .zero) {
      owed.append(
        OwedResponse(
          plugin: plugin.id, kind: .playbook, alert: alert.id, due: now,
          input: input,
          withheld: withheld(plugin.id, uses: plugin.playbook.uses, settings: [], edition.grants)))
    }
    return owed
  }

  private func withheld(
    _ id: String, uses: [String], settings: [SettingDefinition], _ grants: GrantBook
  ) -> String? {
    if let onlyRecords { return onlyRecords }
    let grant = grants.grant(of: id)
    let missing = uses.filter { !grant.uses.contains($0) }
    if !missing.isEmpty { return "not granted: \(missing.joined(separator: ", "))" }
    let unset = ActionSettings.missing(settings, grant.settings)
    if !unset.isEmpty { return "not set: \(unset.map(\.name).joined(separator: ", "))" }
    return nil
  }
}
