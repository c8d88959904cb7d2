import Foundation
import Primitives
import Testing

@testable import Plugins

@Suite("The manual of plugins")
struct ManualTests {
  private func manual() throws -> String { try repositoryText("docs/plugins.md") }

  private func examples() throws -> [String] {
    try manual().matches(of: #/```lua\n((?:.|\n)*?)```/#).map { String($0.1) }
  }

  @Test("Every example is read without a problem, all of them together, and its tests pass")
  func read() throws {
    var files: [String: String] = [:]
    for (number, example) in try examples().enumerated() {
      let name =
        example.contains("return pack")
        ? "team/pack.lua"
        : example.contains("return suite") ? "\(number).test.lua" : "\(number).lua"
      files[name] = example
    }
    files["shared/pack.lua"] =
      "return pack { name = \"shared\", version = \"1.1\", description = \"d\" }"
    #expect(files.count >= 12)
    let set = try load(files, .shipped)
    #expect(set.problems.map(\.description) == [])
    #expect(set.rules.count == 5 && set.scenarios.count == 1 && set.mappings.count == 1)
    #expect(set.escalations.count == 1 && set.playbooks.count == 1 && set.packs.count == 2)
    let cases = set.suites.flatMap { suite in
      SuiteRunner(set: set, vocabulary: .shipped).run(suite) { try WorkingBench(set, .shipped) }
    }
    #expect(cases.count == 3)
    #expect(cases.filter { !$0.passed }.map(\.message) == [])
  }

  @Test("The reference is the one that the tables of words give")
  func reference() throws {
    let parts = try manual().split(separator: "Printed by `moonwatch plugins reference`.\n\n")
    #expect(try #require(parts.last) == PluginReference.markdown)
  }

  @Test("The reference knows every registered word, and no other")
  func words() {
    let text = PluginReference.markdown
    let known = LuaPrelude.declarations + LuaPrelude.tests + LuaPrelude.constants
    for word in known { #expect(text.contains(word), "\(word)") }
    let bench = ["send", "wait", "plant", "expect", "expect_nothing", "score", "rarity"]
    for word in ActionCase.words + bench {
      #expect(text.contains("- `t:\(word)"), "\(word)")
    }
  }

  @Test(
    "luacheck finds nothing in the shipped plugins, the words for editors and the examples",
    .enabled("luacheck is not installed") { luacheck != nil })
  func luacheckIsSilent() throws {
    var files: [String: String] = [".luacheckrc": try repositoryText(".luacheckrc")]
    for (number, example) in try examples().enumerated() {
      // The names of arguments teach, also where an example has no use for them.
      files["examples/\(number).lua"] = "-- luacheck: no unused args\n" + example
    }
    let folder = try TemporaryFolder(files)
    for kind in PluginTemplate.kinds {
      for file in PluginTemplate.files(kind: kind, name: "team.new-\(kind)") {
        try folder.write("new/\(file.path)", file.text)
      }
    }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    #expect(try run(in: folder.path, ["examples", "new"]) == "")
    #expect(try run(in: root, ["plugins", "scenarios"]) == "")
  }

  private func run(in folder: String, _ targets: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(luacheck))
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.arguments = ["--quiet", "--no-color", "--no-cache", "--formatter", "plain"] + targets
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }
}

private let luacheck = ["/usr/bin/luacheck", "/usr/local/bin/luacheck"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}
