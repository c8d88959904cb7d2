import Foundation
import Testing

@testable import Plugins

/// A file of this repository.
func repositoryText(_ path: String) throws -> String {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
  return try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
}

@Suite("Words for editors")
struct MetaTests {
  private func text(_ path: String) throws -> String { try repositoryText(path) }

  private let units = ["ms", "second", "minute", "hour", "day", "week"]

  private var words: Set<String> {
    Set(
      LuaPrelude.declarations + LuaPrelude.tests + LuaPrelude.constants
        + FeatureWord.allCases.map(\.rawValue) + units
        + [FigureFunction.name])
  }

  @Test("Every word of the host is documented, and every documented word is there")
  func bothWays() throws {
    let meta = try text("plugins/meta/moonwatch.lua")
    var documented: Set<String> = []
    for line in meta.split(separator: "\n") {
      if let match = line.firstMatch(of: #/^function ([a-z_]+)\(/#) {
        documented.insert(String(match.1))
      }
      if let match = line.firstMatch(of: #/^([a-z_]+) = nil/#) {
        documented.insert(String(match.1))
      }
    }
    #expect(documented == words)
  }

  @Test("Every word is a global of a plugin's world")
  func defined() throws {
    let names = words.sorted().map { "assert(\($0) ~= nil)" }.joined(separator: "\n")
    let found = try problems(["x.lua": names + "\nreturn 1"])
    #expect(
      found == ["x.lua: returns a number, and no plugin (end the file with return rule { … })"])
  }

  @Test("The draws and the bench are documented too")
  func methods() throws {
    let meta = try text("plugins/meta/moonwatch.lua")
    for word in DrawWord.allCases {
      #expect(meta.contains("---@field \(word.rawValue) fun("), "\(word)")
    }
    for name in ["send", "plant", "wait", "expect", "expect_nothing"] {
      #expect(meta.contains("function Bench:\(name)("), "\(name)")
    }
  }

  @Test("luacheck knows the same words")
  func luacheck() throws {
    let settings = try text(".luacheckrc")
    for word in words { #expect(settings.contains("\"\(word)\""), "\(word)") }
  }
}
