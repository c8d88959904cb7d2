import Detection
import Foundation
import Plugins
import Primitives
import Response

/// What the configuration grants, held against what the plugins ask for.
struct GrantBook {
  /// What a plugin asks for and does not get.
  struct Gap: Sendable, Hashable {
    var plugin: String
    var file: String
    /// Capabilities that are asked for and not granted.
    var missing: [String]
  }

  private(set) var grants: [String: Grant] = [:]
  /// Mistakes in the configuration.
  private(set) var problems: [Diagnostic] = []
  private(set) var gaps: [Gap] = []
  /// Granted, and nobody does it.
  private var idle: [Diagnostic] = []

  private let settings: Settings
  private let environment: [String: String]

  /// - Parameter isWhole: whether these are all plugins, so that a grant to another one is a mistake.
  init(
    _ settings: Settings, _ plugins: PluginSet, isWhole: Bool = true,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.settings = settings
    self.environment = environment
    let asking =
      plugins.escalations.map { ($0.id, $0.file, $0.escalation.uses, $0.escalation.settings) }
      + plugins.playbooks.map { ($0.id, $0.file, $0.playbook.uses, []) }
    for (id, file, uses, definitions) in asking {
      let written = settings.grants[id]
      let missing = uses.filter { use in !(written?.uses.contains { $0.text == use } ?? false) }
      if !missing.isEmpty { gaps.append(Gap(plugin: id, file: file, missing: missing)) }
      if let written {
        grants[id] = grant(written, id, uses, definitions)
        noteIdle(id, written)
      }
    }
    guard isWhole else { return }
    let known = asking.map(\.0)
    // A file that does not load is told by itself; what is granted to it is no mistake beside.
    let isSound = !plugins.problems.contains { $0.severity == .error }
    for (id, written) in settings.grants.sorted(by: { $0.key < $1.key })
    where !known.contains(id) && isSound {
      report(
        "unknown-plugin", written.line, "grants.\(id): there is no escalation or playbook '\(id)'",
        nearestName(to: id, among: known).map { "did you mean '\($0)'?" }
          ?? (known.isEmpty
            ? "none is installed" : "installed: \(known.sorted().joined(separator: ", "))"))
    }
    problems.sort { ($0.line ?? 0, $0.message) < ($1.line ?? 0, $1.message) }
  }

  private mutating func noteIdle(_ id: String, _ written: GrantSettings) {
    for use in written.uses
    where ActSection.capabilities.contains(use.text) && settings.acts[use.text] == nil {
      idle.append(
        Diagnostic(
          .warning, code: "nobody-does", file: settings.file, line: use.line,
          message: "\(id) is granted '\(use.text)', and nobody does it here",
          suggestion: "say who under acts: \(use.text):"))
    }
  }

  private mutating func report(
    _ code: String, _ line: Int?, _ message: String, _ advice: String?
  ) {
    problems.append(
      Diagnostic(
        code: code, file: settings.file, line: line, message: message, suggestion: advice))
  }

  private mutating func grant(
    _ written: GrantSettings, _ id: String, _ uses: [String], _ definitions: [SettingDefinition]
  ) -> Grant {
    for use in written.uses where !uses.contains(use.text) {
      report(
        "unused-grant", use.line, "grants.\(id).uses: \(id) does not ask for '\(use.text)'",
        "take it out")
    }
    var grant = Grant(
      uses: written.uses.map(\.text).filter(uses.contains),
      hosts: written.hosts.compactMap { HostPattern($0.text) },
      allowsPrivate: written.allowsPrivate)
    let names = definitions.map(\.name)
    for (name, entry) in written.settings.sorted(by: { $0.key < $1.key }) {
      guard let definition = definitions.first(where: { $0.name == name }) else {
        report(
          "unknown-setting", entry.line, "grants.\(id).settings: \(id) has no setting '\(name)'",
          nearestName(to: name, among: names).map { "did you mean '\($0)'?" }
            ?? (names.isEmpty ? "take it out" : "it has \(names.joined(separator: ", "))"))
        continue
      }
      do throws(Failure) {
        let value = try definition.read(entry.text)
        if definition.kind == .secret {
          grant.secrets[name] = try SecretPlace.read(
            entry.text, settings, environment: environment)
        }
        if definition.kind == .url { take(url: entry.text, into: &grant) }
        grant.settings[name] = value
      } catch {
        report("bad-setting", entry.line, "grants.\(id).settings: \(error.message)", error.advice)
      }
    }
    for definition in definitions
    where definition.standard == nil && written.settings[definition.name] == nil {
      report(
        "missing-setting", written.line,
        "grants.\(id).settings: '\(definition.name)' is missing: \(definition.sentence)",
        definition.kind == .secret
          ? "write \(definition.name): env:NAME or file:PATH" : "write \(definition.name): …")
    }
    return grant
  }

  /// Whoever writes an address down as a setting has said that it may be reached.
  private func take(url: String, into grant: inout Grant) {
    guard let address = WebAddress(url) else { return }
    let name = address.host.contains(":") ? "[\(address.host)]" : address.host
    if let pattern = HostPattern("\(name):\(address.port)") { grant.hosts.append(pattern) }
  }

  /// What a plugin is granted; nothing where the configuration does not name it.
  func grant(of plugin: String) -> Grant { grants[plugin] ?? Grant() }

  /// What lacks, as warnings at the plugin's file and at the grant.
  var warnings: [Diagnostic] {
    gaps.map { gap in
      let names = gap.missing.map { "'\($0)'" }.joined(separator: ", ")
      return Diagnostic(
        .warning, code: "not-granted", file: gap.file,
        message: "\(gap.plugin) asks for \(names), which is not granted",
        suggestion:
          "write grants: \(gap.plugin): uses: [\(gap.missing.joined(separator: ", "))] in \(settings.file)"
      )
    } + idle
  }
}
