import Foundation
import Plugins
import Primitives

/// Plugin files that ended a process, kept in the data directory: each is left out until its content changes.
struct SetAsidePlugins {
  struct Entry: Hashable {
    /// What ended the process: the id of a plugin, or the file itself where it did so while it was read.
    var plugin: String
    var file: String
    /// Of the file's content.
    var source: UInt64
    var since: String
  }

  private(set) var entries: [Entry] = []

  private static func path(_ settings: Settings) -> String {
    settings.dataDirectory + "/set-aside.json"
  }

  /// The content's hash → why it is left out.
  var reasons: [UInt64: String] {
    Dictionary(
      entries.map {
        (
          $0.source,
          "is set aside since \($0.since): \($0.plugin) did not end and took the process with it"
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Those whose files are there and as they were, as the health of rules that nobody asks.
  var health: [PluginHealth] {
    entries.compactMap { entry in
      // One that is gone or cannot be read is no longer what ended the process.
      guard let bytes = FileManager.default.contents(atPath: entry.file),
        PluginSource(file: entry.file, text: String(decoding: bytes, as: UTF8.self)).hash
          == entry.source
      else { return nil }
      return PluginHealth(
        id: entry.plugin, file: entry.file, source: entry.source, candidates: 0, calls: 0,
        failures: 1, seconds: 0, memory: 0,
        lastFailure: RuleFailure(
          rule: entry.plugin, file: entry.file, line: nil, eventID: nil,
          reason: "it did not end and took the process with it, since \(entry.since)"),
        isSetAside: true)
    }
  }

  static func read(_ settings: Settings) throws(Failure) -> SetAsidePlugins {
    let path = path(settings)
    guard FileManager.default.fileExists(atPath: path) else { return SetAsidePlugins() }
    let text = try Folder.text(of: path, "the plugins that are set aside")
    var aside = SetAsidePlugins()
    do throws(JSONProblem) {
      for value in try JSONValue.parse(text)["set_aside"]?.list ?? [] {
        guard let plugin = value["plugin"]?.text, let file = value["file"]?.text,
          let source = value["source"]?.text.flatMap({ UInt64($0, radix: 16) }),
          let since = value["since"]?.text
        else { throw JSONProblem(offset: 0, message: "an entry lacks a key") }
        aside.entries.append(Entry(plugin: plugin, file: file, source: source, since: since))
      }
    } catch {
      throw Failure(
        .input, "\(path): \(error.message)", advice: "remove the file to try those plugins again")
    }
    return aside
  }

  /// Adds the plugin that ended the last process, if one did, and returns its entry.
  ///
  /// - Parameter source: the file that a plugin's id stands in.
  mutating func takeUp(
    _ settings: Settings, source: (String) -> PluginSource?
  ) throws(Failure) -> Entry? {
    guard let plugin = try OverrunRecord.take(settings) else { return nil }
    // A file that ended the process while it was read must not be read for its id again.
    var found: PluginSource?
    if plugin.hasSuffix(".lua"), FileManager.default.fileExists(atPath: plugin) {
      found = PluginSource(file: plugin, text: try Folder.text(of: plugin, "the plugin"))
    } else {
      found = source(plugin)
    }
    guard let found else { return nil }
    let entry = Entry(
      plugin: plugin, file: found.file, source: found.hash,
      since: WallClock.now().description)
    entries.removeAll { $0.source == entry.source }
    entries.append(entry)
    let document: JSONValue = [
      "set_aside": .list(
        entries.map {
          [
            "plugin": .text($0.plugin), "file": .text($0.file),
            "source": .text(String($0.source, radix: 16)), "since": .text($0.since),
          ]
        })
    ]
    try OutputFile.write(
      (document.serialized(.indented) + "\n").utf8, to: SetAsidePlugins.path(settings))
    return entry
  }
}
