package import Primitives
package import Store

/// The rules, lists and model that judged at a time, beside those of now.
package struct SetupThen: Sendable {
  /// What became of something until now.
  package enum Since: String, Sendable {
    case same, changed, gone
  }

  package struct Rule: Sendable {
    package var id: String
    /// Of the pack that it came with, such as `base 1.2.0`; missing where it came with none.
    package var version: String?
    package var file: String
    /// SHA-256 of its file, in hexadecimal.
    package var digest: String
    package var since: Since
  }

  package struct List: Sendable {
    package var name: String
    package var entries: Int
    /// SHA-256 of the entries, each with a line's end after it, in hexadecimal.
    package var digest: String
    package var bytes: Int
    /// False where it was too large.
    package var isKept: Bool
    package var since: Since
    /// Missing where it is gone.
    package var entriesNow: Int?
  }

  package struct Model: Sendable {
    package var name: String
    package var path: String?
    /// Of all that it says; as the model's file names it.
    package var digest: String
    package var isKept: Bool
  }

  package var inForce: SetupInForce
  package var rules: [Rule]
  package var lists: [List]
  /// Missing where rules alone judged.
  package var model: Model?
  package var pluginsNow: String
  /// Rules of now that were not there then.
  package var newRules: [String]
  /// What judged other streams at that time, where it was something else.
  package var others: [SetupInForce]

  /// Whether all plugin files are those of now.
  package var hasSamePlugins: Bool { inForce.pluginsDigest == pluginsNow }

  init(
    _ inForce: SetupInForce, parts: [SetupPart], now: SetupDescription, others: [SetupInForce]
  ) {
    self.inForce = inForce
    self.others = others
    pluginsNow = now.setup.pluginsDigest
    struct Key: Hashable {
      var kind: SetupPart.Kind
      var name: String
    }
    let current = Dictionary(
      now.setup.parts.map { (Key(kind: $0.kind, name: $0.name), $0) },
      uniquingKeysWith: { first, _ in first })
    func same(_ part: SetupPart) -> SetupPart? { current[Key(kind: part.kind, name: part.name)] }
    func since(_ part: SetupPart) -> Since {
      same(part).map { $0.digest == part.digest ? .same : .changed } ?? .gone
    }
    rules = parts.filter { $0.kind == .rule }.map { part in
      Rule(
        id: part.name, version: part.text("version"),
        file: part.text("file") ?? "", digest: part.digest, since: since(part))
    }
    lists = parts.filter { $0.kind == .list }.map { part in
      List(
        name: part.name, entries: part.entries ?? 0, digest: part.digest,
        bytes: part.bytes, isKept: part.isKept, since: since(part),
        entriesNow: same(part)?.entries)
    }.sorted { $0.name < $1.name }
    model = parts.first { $0.kind == .model }.map { part in
      Model(
        name: part.name, path: part.text("path"), digest: part.digest, isKept: part.isKept)
    }
    let known = Set(rules.map(\.id))
    newRules = now.setup.parts.filter { $0.kind == .rule && !known.contains($0.name) }.map(\.name)
  }
}

extension SetupPart {
  fileprivate func text(_ key: String) -> String? {
    if case .text(let text)? = member(key) { text } else { nil }
  }

  fileprivate var entries: Int? {
    if case .integer(let count)? = member("entries") { Int(clamping: count) } else { nil }
  }

  private func member(_ key: String) -> JSONValue? {
    guard case .object(let members) = detail else { return nil }
    return members.first { $0.key == key }?.value
  }
}

/// What is known of who judged at a time.
package enum SetupKnowledge: Sendable {
  case known(SetupThen)
  /// Nothing; the earliest time that something is known of, and when that was written.
  case later(first: Timestamp, written: Timestamp)
  /// Nothing of any time.
  case never

  package var setup: SetupThen? { if case .known(let setup) = self { setup } else { nil } }

  /// Why nothing is known; missing where something is.
  package func gap(at time: Timestamp) -> String? {
    switch self {
    case .known: nil
    case .later(let first, let written):
      "which rules, lists and model judged at \(time) was not kept: it is known from \(first) on (written \(written))"
    case .never:
      "which rules, lists and model judged was not kept here: it is from the next run on"
    }
  }
}
