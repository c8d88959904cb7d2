package import Cases
package import Primitives

/// Everything that was read from the plugin folders, and every problem that stood in the way.
package struct PluginSet: Sendable {
  package var rules: [Rule] = []
  package var scenarios: [Scenario] = []
  package var mappings: [Mapping] = []
  /// Where each mapping stands, by id.
  package var mappingFiles: [String: String] = [:]
  package var suites: [Suite] = []
  package var packs: [Pack] = []
  /// All problems of all files, in order of file and line.
  package var problems: [Diagnostic] = []
  /// SHA-256 in hexadecimal over the names and contents of all files, in order of path.
  package var digest = ""

  package init() {}
}

/// A folder of plugins that can be handed to another team as it is.
package struct Pack: Hashable, Sendable {
  package let name: String
  package let version: String
  package let description: String
  /// Names of other packs that it builds on.
  package let requires: [String]
  package let origin: PluginOrigin
}
