package import Primitives

/// One change to the world that a plugin asks for: a name such as `http.post`, and what it needs to know.
///
/// It is only said here. Who does it, writes it down first and undoes it is the host's business.
package struct Act: Hashable, Sendable, CustomStringConvertible {
  package var word: ActWord
  /// In order of name. A length of time is in seconds; a secret is a token that only the host can read.
  package var arguments: [JSONValue.Member]

  package init(_ word: ActWord, _ arguments: [JSONValue.Member]) {
    self.word = word
    self.arguments = arguments
  }

  package subscript(name: String) -> JSONValue? {
    arguments.first { $0.key == name }?.value
  }

  /// `directory.lock {"user":"ana"}`, secrets as ‹secret›.
  package var description: String {
    SecretToken.hidden("\(word.rawValue) \(JSONValue.object(arguments).serialized(.compact))")
  }
}

/// Who does acts. Tests and rehearsals record them instead.
package protocol Acting {
  /// What the other side answered; throws where the act could not be done.
  mutating func perform(_ act: Act) throws -> JSONValue
}

/// Writes acts down and does none of them; answers what it was told to, or `{"ok":true}`.
package struct RecordedActs: Acting {
  package private(set) var acts: [Act] = []
  private var failures: [ActWord: String] = [:]

  package init() {}

  /// From now on an act of this name fails with these words.
  package mutating func fail(_ word: ActWord, _ reason: String) { failures[word] = reason }

  package mutating func perform(_ act: Act) throws -> JSONValue {
    acts.append(act)
    if let reason = failures[act.word] {
      throw Failure(.unmet, "\(act.word.rawValue) failed: \(reason)")
    }
    return ["ok": .flag(true)]
  }

  /// Hands over what was recorded and begins anew.
  package mutating func drain() -> [Act] {
    defer { acts = [] }
    return acts
  }
}

/// Stands for a secret in what plugins see: they can pass it on and put it into a text, and never read it.
package enum SecretToken {
  private static let open = "‹secret:"
  private static let close = "›"

  package static func token(_ name: String) -> String { open + name + close }

  /// A text with every token as ‹secret›.
  package static func hidden(_ text: String) -> String {
    replacing(text) { _ in "‹secret›" }
  }

  /// A text with the secrets themselves, for the one who does the act. An unknown name stays a token.
  package static func revealed(_ text: String, _ secret: (String) -> String?) -> String {
    replacing(text) { secret($0) ?? token($0) }
  }

  private static func replacing(_ text: String, _ value: (String) -> String) -> String {
    var result = ""
    var rest = Substring(text)
    while let start = rest.range(of: open) {
      guard let end = rest[start.upperBound...].firstIndex(of: "›") else { break }
      result += rest[..<start.lowerBound] + value(String(rest[start.upperBound..<end]))
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}

extension Substring {
  /// The first place of a text in it.
  fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}
