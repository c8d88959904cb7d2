package import Cases
package import Primitives

/// Everything that was read from the plugin folders, and every problem that stood in the way.
package struct PluginSet: Sendable {
  package var rules: [Rule] = []
  package var scenarios: [Scenario] = []
  package var mappings: [Mapping] = []
  /// Where each mapping stands, by id.
  package var mappingFiles: [String: String] = [:]
  package var escalations: [EscalationPlugin] = []
  package var playbooks: [PlaybookPlugin] = []
  package var suites: [Suite] = []
  package var packs: [Pack] = []
  /// All problems of all files, in order of file and line.
  package var problems: [Diagnostic] = []
  /// Every file that was read, also those that gave nothing, in order of path.
  package var files: [PluginFile] = []
  /// SHA-256 in hexadecimal over the names and contents of all files, in order of path.
  package var digest = ""

  package init() {}

  /// The pack that a file belongs to, by its path; missing where it belongs to none.
  package func pack(of file: String) -> Pack? {
    packs.filter { file.hasPrefix($0.folder + "/") }.max { $0.folder.count < $1.folder.count }
  }
}

/// A file that was read from a plugin folder.
package struct PluginFile: Hashable, Sendable {
  /// From its own folder on, the same on every machine: `plugins/auth/login-burst.lua`.
  package let name: String
  package let source: PluginSource

  package init(name: String, source: PluginSource) {
    self.name = name
    self.source = source
  }
}

/// A folder of plugins that can be handed to another team as it is.
package struct Pack: Hashable, Sendable {
  package let name: String
  package let version: PackVersion
  package let description: String
  /// Other packs that it builds on.
  package let requires: [PackRequirement]
  package let origin: PluginOrigin

  package var file: String { origin.file }
  /// The folder that the pack is.
  var folder: String { String(origin.file.dropLast("/pack.lua".utf8.count)) }
}
