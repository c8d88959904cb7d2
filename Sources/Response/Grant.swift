package import Detection
package import Primitives

/// What an installation lets one escalation or playbook do, and what it says to it.
package struct Grant: Sendable {
  /// Capabilities such as `http`.
  package var uses: [String]
  /// Where `act.http` may go.
  package var hosts: [HostPattern]
  /// Whether that may be an address of this machine or of a private network.
  package var allowsPrivate: Bool
  /// By name; a secret as the place where it stands.
  package var settings: [String: Value]
  /// What secrets hold, by name. It is never shown.
  package var secrets: [String: String]

  package init(
    uses: [String] = [], hosts: [HostPattern] = [], allowsPrivate: Bool = false,
    settings: [String: Value] = [:], secrets: [String: String] = [:]
  ) {
    self.uses = uses
    self.hosts = hosts
    self.allowsPrivate = allowsPrivate
    self.settings = settings
    self.secrets = secrets
  }

  /// Why an act may not be done; nothing where it may.
  package func refusal(of act: Act, by plugin: String) -> Failure? {
    let capability = act.word.capability
    guard uses.contains(capability) else {
      return Failure(
        .unmet, "act.\(act.word.rawValue) is refused: '\(capability)' is not granted to \(plugin)",
        advice: "add it to 'uses' under grants: \(plugin): in the settings")
    }
    guard capability == "http" else { return nil }
    guard let written = act["url"]?.text,
      let address = WebAddress(SecretToken.revealed(written) { secrets[$0] })
    else {
      return Failure(
        .unmet, "act.\(act.word.rawValue) is refused: its url is no address",
        advice: "begin it with https:// and leave out names and passwords")
    }
    // A host that comes out of a secret stays one.
    let isSecret = SecretToken.hidden(written) != written
    if hosts.contains(where: { $0.matches(address) }) {
      // What a name stands for is looked at when it is connected to.
      guard address.isPrivate, !allowsPrivate else { return nil }
      return Failure(
        .unmet,
        "act.\(act.word.rawValue) is refused: '\(isSecret ? "‹secret›" : address.host)' is no host of "
          + "the public Internet",
        advice: "write 'private: true' under grants: \(plugin): in the settings")
    }
    let port = address.port == (address.isEncrypted ? 443 : 80) ? "" : ":\(address.port)"
    let place = isSecret ? SecretToken.hidden(written) : "\(address.host)\(port)"
    return Failure(
      .unmet, "act.\(act.word.rawValue) is refused: '\(place)' is not among the hosts of \(plugin)",
      advice: "add it to 'hosts' under grants: \(plugin): in the settings")
  }
}
