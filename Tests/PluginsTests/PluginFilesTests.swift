import Foundation
import Glibc
import Primitives
import Testing

@testable import Plugins

private let good =
  "return rule { id = \"a\", title = \"A\", severity = \"low\", on = { kind = \"login\" } }"

@Suite("Plugin files")
struct PluginFilesTests {
  @Test(
    "Files are found at any depth in order of path; meta, hidden and other files are passed over")
  func found() throws {
    let folder = try TemporaryFolder([
      "b/deep/er/x.lua": good.replacing("\"a\"", with: "\"three\""),
      "a.lua": good.replacing("\"a\"", with: "\"two\""),
      "B.lua": good.replacing("\"a\"", with: "\"one\""),
      "meta/m.lua": "x", "b/meta/n.lua": good.replacing("\"a\"", with: "\"four\""),
      "b/.hidden.lua": "x", "readme.md": "x", ".git/x.lua": "x",
    ])
    let set = PluginSet.load(folders: [folder.path], vocabulary: .test)
    #expect(set.problems.isEmpty)
    #expect(set.rules.map(\.id) == ["one", "two", "three", "four"])
  }

  @Test("A file that cannot be read never stops the others")
  func unreadable() throws {
    let folder = try TemporaryFolder(["good.lua": good])
    try folder.write("big.lua", bytes: [UInt8](repeating: 32, count: 65_537))
    try folder.write("latin.lua", bytes: Array("return '".utf8) + [0xE9] + Array("'".utf8))
    #expect(mkfifo("\(folder.path)/pipe.lua", 0o600) == 0)
    #expect(symlink("nowhere", "\(folder.path)/dangling.lua") == 0)
    #expect(symlink(".", "\(folder.path)/loop") == 0)
    let set = PluginSet.load(
      folders: [folder.path, "\(folder.path)/none", "\(folder.path)/good.lua"], vocabulary: .test)
    #expect(set.rules.map(\.id) == ["a"])
    #expect(
      set.problems.map { $0.description.replacing("\(folder.path)/", with: "") } == [
        "big.lua: has 65537 bytes, and 65536 are allowed (split it)",
        "dangling.lua: cannot be read: No such file or directory",
        "latin.lua:1: is not text in UTF-8 (save it as UTF-8)",
        "none: there is no such folder of plugins "
          + "(make it, or take it out of 'plugins' in the settings)",
        "pipe.lua: is not a regular file",
      ])
  }

  @Test("The first file too many is reported, and not the others")
  func tooMany() throws {
    let folder = try TemporaryFolder(["a.lua": good, "b.lua": good, "c.lua": good, "d.lua": good])
    let files = PluginFiles(folders: [folder.path], mostFiles: 2)
    #expect(files.sources.count == 2)
    #expect(
      files.problems.map { $0.description.replacing("\(folder.path)/", with: "") } == [
        "c.lua: is one file too many: 2 are allowed"
      ])
  }

  @Test("The digest follows names and contents, not where the folder stands")
  func digest() throws {
    func digest(_ files: [String: String]) throws -> String {
      let folder = try TemporaryFolder()
      for (name, text) in files { try folder.write("plugins/\(name)", text) }
      return PluginSet.load(folders: ["\(folder.path)/plugins"], vocabulary: .test).digest
    }
    let first = try digest(["a.lua": good])
    #expect(first.count == 64)
    #expect(try digest(["a.lua": good]) == first)
    #expect(try digest(["b.lua": good]) != first)
    #expect(try digest(["a.lua": good + " "]) != first)
    #expect(try digest(["a.lua": good, "b.lua": ""]) != first)
  }

  @Test("A file may return a list, and one bad declaration leaves the whole file out")
  func lists() throws {
    let two =
      "return { \(good.dropFirst(7)), \(good.dropFirst(7).replacing("\"a\"", with: "\"b\"")) }"
    #expect(try load(["x.lua": two]).rules.map(\.id) == ["a", "b"])
    let set = try load(["x.lua": two.replacing("\"b\"", with: "\"B\""), "y.lua": good])
    #expect(set.rules.map(\.origin.index) == [])
    let other = try load([
      "x.lua": two.replacing("\"b\"", with: "\"B\""),
      "y.lua": good.replacing("\"a\"", with: "\"c\""),
    ])
    #expect(other.rules.map(\.id) == ["c"])
  }

  @Test(
    "A file may be named by itself, begins where its mark of bytes ends, and is told its line that is no text"
  )
  func single() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.lua", bytes: [0xEF, 0xBB, 0xBF] + Array(good.utf8))
    try folder.write("b.lua", bytes: Array("--\n-- ".utf8) + [0xFF] + Array("\n".utf8))
    let files = ["a.lua", "b.lua"].map { "\(folder.path)/\($0)" }
    let set = PluginSet.load(folders: files, vocabulary: .test)
    #expect(set.rules.map(\.id) == ["a"])
    #expect(set.problems.map(\.line) == [2])
  }
}
