import Foundation
import Glibc
import Primitives

/// Finds the Lua files below the plugin folders: regular ones, each once, in order of path (by bytes).
///
/// Links are followed, but no folder is entered twice, so a loop of links ends. Hidden names and the `meta` of a plugin
/// folder (which holds words for editors) are passed over.
struct PluginFiles {
  static let largestFile = 64 << 10
  private static let deepest = 32

  private(set) var sources: [PluginSource] = []
  private(set) var problems: [Diagnostic] = []
  /// The name of each source from its own folder on, the same on every machine.
  private(set) var names: [String] = []
  private var entered: Set<[UInt64]> = []
  private let mostFiles: Int
  /// Whether it was told that there are too many.
  private var isFull = false

  init(folders: [String], mostFiles: Int = 10_000) {
    self.mostFiles = mostFiles
    for folder in folders { walk(folder, named: lastName(folder), depth: 0, isRoot: true) }
  }

  private func lastName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private mutating func refuse(
    _ path: String, _ message: String, code: String, suggestion: String? = nil
  ) {
    problems.append(
      Diagnostic(code: code, file: path, message: message, suggestion: suggestion))
  }

  private mutating func walk(_ path: String, named name: String, depth: Int, isRoot: Bool) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if isRoot, errno == ENOENT {
        return refuse(
          path, "there is no such folder of plugins", code: "no-folder",
          suggestion: "make it, or take it out of 'plugins' in the settings")
      }
      refuse(path, "cannot be read: \(systemError(errno))", code: "unreadable")
      return
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      if isRoot, path.hasSuffix(".lua") {
        read(path, named: name, status)
      } else if isRoot {
        refuse(
          path, "is not a folder and no .lua file", code: "not-a-folder",
          suggestion: "give a folder of plugins")
      }
      return
    }
    guard entered.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted else { return }
    guard depth <= PluginFiles.deepest else {
      refuse(path, "is more than \(PluginFiles.deepest) folders deep", code: "too-deep")
      return
    }
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      refuse(path, "cannot be read", code: "unreadable", suggestion: "check its permissions")
      return
    }
    let sorted = entries.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let base = path.hasSuffix("/") ? String(path.dropLast()) : path
    for entry in sorted where !entry.hasPrefix(".") {
      let below = "\(base)/\(entry)"
      var kind = stat()
      guard stat(below, &kind) == 0 else {
        if entry.hasSuffix(".lua") {
          refuse(
            below, "cannot be read: \(systemError(errno))", code: "unreadable")
        }
        continue
      }
      if kind.st_mode & S_IFMT == S_IFDIR {
        if depth > 0 || entry != "meta" {
          walk(below, named: "\(name)/\(entry)", depth: depth + 1, isRoot: false)
        }
      } else if entry.hasSuffix(".lua") {
        read(below, named: "\(name)/\(entry)", kind)
      }
    }
  }

  /// The line, from 1, with the first byte that no text in UTF-8 has there.
  private static func firstLine(withoutTextIn bytes: Data) -> Int? {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).firstIndex {
      String(validating: $0, as: UTF8.self) == nil
    }.map { $0 + 1 }
  }

  private mutating func read(_ path: String, named name: String, _ status: stat) {
    // A file that is named beside its folder, or linked to, is one file.
    guard entered.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted else { return }
    guard status.st_mode & S_IFMT == S_IFREG else {
      refuse(path, "is not a regular file", code: "not-a-file")
      return
    }
    guard status.st_size <= PluginFiles.largestFile else {
      refuse(
        path, "has \(status.st_size) bytes, and \(PluginFiles.largestFile) are allowed",
        code: "too-large", suggestion: "split it")
      return
    }
    guard sources.count < mostFiles else {
      if !isFull {
        refuse(path, "is one file too many: \(mostFiles) are allowed", code: "too-many")
      }
      isFull = true
      return
    }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      refuse(path, "cannot be read", code: "unreadable", suggestion: "check its permissions")
      return
    }
    guard bytes.count <= PluginFiles.largestFile,
      let text = String(validating: bytes, as: UTF8.self)
    else {
      problems.append(
        Diagnostic(
          code: "not-text", file: path, line: PluginFiles.firstLine(withoutTextIn: bytes),
          message: "is not text in UTF-8", suggestion: "save it as UTF-8"))
      return
    }
    // Some editors begin a file with a mark, which is no Lua.
    sources.append(PluginSource(file: path, text: String(text.trimmingPrefix("\u{FEFF}"))))
    names.append(name)
  }
}
