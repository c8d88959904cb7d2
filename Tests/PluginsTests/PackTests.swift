import Foundation
import Primitives
import Testing

@testable import Plugins

private func pack(_ name: String, _ version: String = "1.0.0", needs: String = "") -> String {
  """
  return pack {
    name = "\(name)", version = "\(version)", description = "d",
    requires = { \(needs) },
  }
  """
}

private func rule(_ id: String) -> String {
  "return rule { id = \"\(id)\", title = \"T\", severity = \"low\", on = { kind = \"login\" } }"
}

@Suite("Packs")
struct PackTests {
  @Test("A pack whose needs are met is read with its plugins, one within another by the nearest")
  func met() throws {
    let set = try load([
      "base/pack.lua": pack("base", "1.4"), "base/a.lua": rule("base.a"),
      "base/inner/pack.lua": pack("inner", needs: "\"base >= 1.2\""),
      "base/inner/b.lua": rule("inner.b"), "c.lua": rule("own.c"),
    ])
    #expect(set.problems == [])
    #expect(set.packs.map(\.name).sorted() == ["base", "inner"])
    #expect(set.packs.map(\.version.description).sorted() == ["1.0.0", "1.4.0"])
    #expect(set.rules.map(\.id) == ["base.a", "inner.b", "own.c"])
  }

  @Test("A pack with a broken file is left out as a whole, and so is what builds on it")
  func broken() throws {
    let files = [
      "base/pack.lua": pack("base"), "base/a.lua": rule("base.a"),
      "base/b.lua": "return rule { id = \"base.b\", title = \"T\", severity = \"lo\" }",
      "top/pack.lua": pack("top", needs: "\"base\""), "top/c.lua": rule("top.c"),
      "d.lua": rule("own.d"),
    ]
    let set = try load(files)
    #expect(set.packs.isEmpty && set.rules.map(\.id) == ["own.d"])
    #expect(
      try problems(files) == [
        "base/b.lua:1: rule: unknown severity 'lo', did you mean 'low'? (one of info, low, medium, high, critical)",
        "base/pack.lua:1: pack: base is left out as a whole: b.lua has errors (mend it, or move the folder away)",
        "top/pack.lua:1: pack: top is left out as a whole: it needs the pack 'base', which is left out (mend it, or move the folder away)",
      ])
  }

  @Test("A need that is not met says what is missing and what is there")
  func needs() throws {
    #expect(
      try problems([
        "a/pack.lua": pack("a", needs: "\"bass\", \"base >= 2.1\""),
        "base/pack.lua": pack("base", "2.0.5"),
      ]) == [
        "a/pack.lua:1: pack: a is left out as a whole: it needs the pack 'bass', which is not here, did you mean 'base'?; it needs base >= 2.1.0, and base is 2.0.5 (mend it, or move the folder away)"
      ])
  }

  @Test(
    "What a pack says wrongly",
    arguments: [
      (
        pack("a", "1.x"),
        "2: pack: '1.x' is not a version (write one to three numbers, such as \"1.2.0\")"
      ),
      (
        pack("a", needs: "\"base > 1\""),
        "3: pack: requires: 'base > 1' is not a requirement (write the name of a pack, or \"base >= 1.2\")"
      ),
    ])
  func wrong(source: String, message: String) throws {
    let files = ["pack.lua": source, "a.lua": rule("own.a"), "deep/b.lua": rule("own.b")]
    let found = try problems(files)
    #expect(found.contains("pack.lua:\(message)"))
    for file in ["a.lua", "deep/b.lua"] {
      #expect(
        found.contains(
          "\(file): warning: is left out with its pack, whose pack.lua cannot be used (mend pack.lua, or move the folder away)"
        ))
    }
    let set = try load(files)
    #expect(set.packs.isEmpty && set.rules.isEmpty)
  }

  @Test(
    "Nothing of a pack is used when its pack.lua or another of its files cannot even be opened",
    arguments: ["p/pack.lua", "p/deep/b.lua"])
  func unopened(file: String) throws {
    let folder = try TemporaryFolder([
      "p/pack.lua": pack("p"), "p/a.lua": rule("own.a"), "p/deep/b.lua": rule("own.b"),
      "c.lua": rule("own.c"),
    ])
    let source = try String(contentsOfFile: "\(folder.path)/\(file)", encoding: .utf8)
    let hash = PluginSource(file: file, text: source).hash
    let aside = PluginSet.load(folders: [folder.path], vocabulary: .test, setAside: [hash: "no"])
    #expect(aside.packs.isEmpty && aside.rules.map(\.id) == ["own.c"])
    try folder.write(file, bytes: [0xE9])
    let broken = PluginSet.load(folders: [folder.path], vocabulary: .test)
    #expect(broken.packs.isEmpty && broken.rules.map(\.id) == ["own.c"])
    if file != "p/pack.lua" {
      let messages = (aside.problems + broken.problems).map(\.message)
      #expect(messages.contains("pack: p is left out as a whole: deep/b.lua is set aside"))
      #expect(messages.contains("pack: p is left out as a whole: deep/b.lua cannot be read"))
    }
  }

  @Test("A pack stands in pack.lua, and nothing else does")
  func places() throws {
    #expect(
      try problems(["x.lua": pack("a")]) == [
        "x.lua:1: a pack outside of a pack.lua (move it to pack.lua in the folder of the pack)"
      ])
    #expect(
      try problems(["pack.lua": rule("a.b")]) == [
        "pack.lua:1: pack.lua holds a rule (move it to a file of its own)"
      ])
  }

  @Test("Versions are numbers in order, and a higher first number breaks")
  func versions() throws {
    let texts = ["1", "1.0.1", "1.2", "1.10", "2.0", "10"]
    let versions = texts.compactMap(PackVersion.init)
    #expect(versions.count == texts.count && versions.sorted() == versions)
    #expect(PackVersion("1.0") == PackVersion("1"))
    for text in ["", "1.", ".1", "1.2.3.4", "v1", "-1", "1234567", "١"] {
      #expect(PackVersion(text) == nil, "\(text)")
    }
    let need = try #require(PackRequirement("base >= 1.2"))
    #expect(need.accepts(try #require(PackVersion("1.9"))))
    #expect(!need.accepts(try #require(PackVersion("1.1.9"))))
    #expect(!need.accepts(try #require(PackVersion("2"))))
    #expect(PackRequirement("base")?.accepts(try #require(PackVersion("7"))) == true)
  }
}
