import Primitives
import Response
import Yams

/// What the configuration grants to one plugin, as it is written: `grants` by the plugin's id.
package struct GrantSettings: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var text: String
    package var line: Int?
  }

  package var line: Int?
  package var uses: [Entry] = []
  package var hosts: [Entry] = []
  package var allowsPrivate = false
  /// By name. A secret is `env:NAME` or `file:PATH`.
  package var settings: [String: Entry] = [:]
}

/// Reads the `grants` section and gathers every problem with its line. What only the plugins know, such as the settings
/// that they have, is looked at by `GrantBook`.
struct GrantSection: SettingsSection {
  let file: String
  var grants: [String: GrantSettings] = [:]
  var problems: [Diagnostic] = []

  private static let keys = ["uses", "hosts", "private", "settings"]

  init(file: String) { self.file = file }

  mutating func read(_ node: Node) {
    guard let mapping = node.mapping else {
      return report(
        "bad-value", node, "'grants' names no plugins",
        "write the id of one and under it 'uses: […]'")
    }
    for (key, value) in mapping {
      let id = key.string ?? "?"
      if grants[id] != nil {
        report("duplicate-key", key, "'\(id)' has two grants", "write them as one")
        continue
      }
      guard let inner = value.mapping else {
        report("bad-value", value, "grants.\(id) grants nothing", "write 'uses: [http]' under it")
        continue
      }
      grants[id] = grant(inner, id, line: key.mark?.line)
    }
  }

  private mutating func grant(
    _ mapping: Node.Mapping, _ id: String, line: Int?
  ) -> GrantSettings {
    var grant = GrantSettings(line: line)
    for (key, value) in mapping {
      switch key.string {
      case "uses":
        grant.uses = texts(value, "grants.\(id).uses")
        for entry in grant.uses where !ActWord.capabilities.contains(entry.text) {
          let near = nearestName(to: entry.text, among: ActWord.capabilities)
          report(
            "unknown-capability", value,
            "grants.\(id).uses: there is no capability '\(entry.text)'",
            near.map { "did you mean '\($0)'?" }
              ?? "one of \(ActWord.capabilities.joined(separator: ", "))")
        }
      case "hosts":
        grant.hosts = texts(value, "grants.\(id).hosts")
        for entry in grant.hosts where HostPattern(entry.text) == nil {
          report(
            "bad-value", value, "grants.\(id).hosts: '\(entry.text)' is no host",
            "write example.org, *.example.org or either with a port, without https://")
        }
      case "private":
        guard let flag = value.bool else {
          report(
            "bad-value", value, "grants.\(id).private is not true or false", "give one of them")
          continue
        }
        grant.allowsPrivate = flag
      case "settings": grant.settings = settings(value, id)
      default:
        let name = key.string ?? "?"
        report(
          "unknown-key", key, "unknown key '\(name)' in grants.\(id)",
          nearestName(to: name, among: GrantSection.keys).map { "did you mean '\($0)'?" }
            ?? "known are \(GrantSection.keys.joined(separator: ", "))")
      }
    }
    return grant
  }

  private mutating func settings(_ node: Node, _ id: String) -> [String: GrantSettings.Entry] {
    guard let mapping = node.mapping else {
      report(
        "bad-value", node, "grants.\(id).settings holds no settings",
        "write one 'name: value' a line")
      return [:]
    }
    var settings: [String: GrantSettings.Entry] = [:]
    for (key, value) in mapping {
      let name = key.string ?? "?"
      guard let text = value.scalar?.string, !text.isEmpty else {
        // What stands there may be a secret, so it is not repeated.
        report("bad-value", value, "grants.\(id).settings.\(name) is not one value", "give it one")
        continue
      }
      settings[name] = GrantSettings.Entry(text: text, line: value.mark?.line)
    }
    return settings
  }

  private mutating func texts(_ node: Node, _ place: String) -> [GrantSettings.Entry] {
    let nodes: [Node]
    if case .sequence(let list) = node { nodes = Array(list) } else { nodes = [node] }
    return nodes.compactMap { item in
      if let text = item.scalar?.string, !text.isEmpty {
        return GrantSettings.Entry(text: text, line: item.mark?.line)
      }
      report(
        "bad-value", item, "\(place) holds something that is not a text", "write [one, another]")
      return nil
    }
  }
}
