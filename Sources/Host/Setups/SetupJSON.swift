package import Primitives
import Store

extension SetupKnowledge {
  /// What a program is told; where nothing is known, from when on something is.
  var members: [JSONValue.Member] {
    switch self {
    case .known(let setup): setup.members
    case .later(let first, let written):
      [
        .init(
          "known_from",
          ["time": .text(first.description), "written": .text(written.description)])
      ]
    case .never: []
    }
  }
}

extension SetupThen {
  fileprivate var members: [JSONValue.Member] {
    [
      .init("source", .text(inForce.source)),
      .init(
        "in_force_from",
        ["time": .text(inForce.first.description), "written": .text(inForce.written.description)]),
      .init(
        "plugins_digest", ["then": .text(inForce.pluginsDigest), "now": .text(pluginsNow)]),
      .init("same_plugins", .flag(hasSamePlugins)),
      .init("rules", .list(rules.map(\.json))),
      .init("new_rules", .list(newRules.map { .text($0) })),
      .init("lists", .list(lists.map(\.json))), .init("model", model?.json ?? .null),
      .init(
        "others",
        .list(
          others.map {
            [
              "source": .text($0.source), "input": .text($0.input),
              "time": .text($0.first.description), "plugins_digest": .text($0.pluginsDigest),
            ]
          })),
    ]
  }
}

extension SetupThen.Rule {
  package var json: JSONValue {
    [
      "rule": .text(id), "version": version.map { .text($0) } ?? .null, "file": .text(file),
      "digest": .text(digest), "now": .text(since.rawValue),
    ]
  }
}

extension SetupThen.List {
  package var json: JSONValue {
    [
      "list": .text(name), "entries": .integer(Int64(entries)), "digest": .text(digest),
      "kept": .flag(isKept), "now": .text(since.rawValue),
      "entries_now": entriesNow.map { .integer(Int64($0)) } ?? .null,
    ]
  }
}

extension SetupThen.Model {
  package var json: JSONValue {
    [
      "name": .text(name), "path": path.map { .text($0) } ?? .null, "digest": .text(digest),
      "kept": .flag(isKept),
    ]
  }
}
