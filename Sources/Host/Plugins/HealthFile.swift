import Foundation
import Primitives

/// The rules' health after the last run, kept in the data directory so that `plugins list` and `plugins top` show it.
struct HealthFile {
  /// What the run was.
  var command: String
  var ended: String
  var events: Int
  var plugins: [PluginHealth]
  /// Why the last change of the plugins was not taken up.
  var refusedReload: String?

  private static func path(_ settings: Settings) -> String {
    settings.dataDirectory + "/plugin-health.json"
  }

  func write(_ settings: Settings) throws(Failure) {
    let document: JSONValue = [
      "command": .text(command), "ended": .text(ended), "events": .integer(Int64(events)),
      "plugins": .list(plugins.map(\.json)),
      "refused_reload": refusedReload.map { .text($0) } ?? .null,
    ]
    try OutputFile.write(
      (document.serialized(.indented) + "\n").utf8, to: HealthFile.path(settings))
  }

  /// Missing before the first run.
  static func read(_ settings: Settings) throws(Failure) -> HealthFile? {
    let path = path(settings)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let broken = Failure(
      .input, "\(path) is not what a run left there", advice: "remove it; the next run writes it")
    let text = try Folder.text(of: path, "the plugins' health")
    let value: JSONValue
    do {
      value = try JSONValue.parse(text)
    } catch {
      throw broken
    }
    guard let command = value["command"]?.text, let ended = value["ended"]?.text,
      let events = value["events"]?.integer, let rows = value["plugins"]?.list
    else { throw broken }
    let plugins = rows.compactMap(PluginHealth.init)
    guard plugins.count == rows.count else { throw broken }
    return HealthFile(
      command: command, ended: ended, events: Int(events), plugins: plugins,
      refusedReload: value["refused_reload"]?.text)
  }
}
