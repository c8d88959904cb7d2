import Cases
import Crypto
import Detection
import Foundation
import Plugins
import Primitives
import Response
import Store
import Synchronization

/// Which escalations and playbooks an alert sets off, and with what they may work. Any thread may ask it.
final class ResponseBook: Sendable {
  /// What stands in the folders at one moment.
  struct Edition: Sendable {
    var number: Int
    var escalations: [EscalationPlugin]
    var playbooks: [PlaybookPlugin]
    var grants: GrantBook

    var isEmpty: Bool { escalations.isEmpty && playbooks.isEmpty }
  }

  /// Why nothing is done where nothing is to be done; missing in the service.
  private let onlyRecords: String?
  private let current: Mutex<Edition>

  init(_ installation: Installation, onlyRecords: String? = nil) {
    self.onlyRecords = onlyRecords
    current = Mutex(
      Edition(
        number: 0, escalations: installation.plugins.escalations,
        playbooks: installation.plugins.playbooks, grants: installation.grants))
  }

  var edition: Edition { current.withLock { $0 } }

  /// Alerts from now on meet these plugins.
  func renew(_ installation: Installation) {
    current.withLock {
      $0 = Edition(
        number: $0.number + 1, escalations: installation.plugins.escalations,
        playbooks: installation.plugins.playbooks, grants: installation.grants)
    }
  }

  /// What an alert sets off that is raised now.
  func owed(_ alert: Alert, at now: Timestamp) -> [OwedResponse] {
    let edition = edition
    if edition.isEmpty { return [] }
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
          withheld: withheld(
            plugin.id, uses: escalation.uses, settings: escalation.settings, edition.grants)))
    }
    for plugin in edition.playbooks
    where facts.satisfies(plugin.playbook.when, unclaimed: .zero) {
      owed.append(
        OwedResponse(
          plugin: plugin.id, kind: .playbook, alert: alert.id, due: now,
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

  /// Of a plugin's text: what was begun with one is not gone on with by another.
  static func digest(_ origin: PluginOrigin) -> String {
    hexadecimal(SHA256.hash(data: Data(origin.source.text.utf8)).prefix(16))
  }
}
