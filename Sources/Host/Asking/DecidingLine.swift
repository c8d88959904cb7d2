import Detection
import Plugins
import Primitives

/// The line at which a rule's function decided to say nothing, with what stood in it.
package struct DecidingLine: Sendable, Equatable {
  package var line: Int
  /// As it stands in the file, without what surrounds it.
  package var source: String
  /// The names on the line that stand for something, in order, with what they were.
  package var values: [RuleWalk.Variable]

  /// Of a call that returned nothing: the last line with a condition on it, or the last of all.
  ///
  /// - Parameter features: what the rule's features were on the event; NaN where missing.
  init?(_ visits: [RuleWalk.Visit], features: [String: Double], event: EventRecord) {
    guard let last = visits.last(where: { DecidingLine.decides($0.source) }) ?? visits.last
    else { return nil }
    line = last.line
    source = last.source.trimmingPrefix { $0 == " " || $0 == "\t" }.description
    values = []
    for name in DecidingLine.names(in: source) {
      if let value = DecidingLine.value(of: name, last, features, event) {
        values.append(RuleWalk.Variable(name: name, value: value))
      }
    }
  }

  /// `line 22: if f.logins >= 8 then …; f.logins is 6`
  var sentence: String {
    let known = values.prefix(6).map { value in
      "\(value.name) is \(DecidingLine.words(value.value))"
    }
    return "line \(line): \(source)" + (known.isEmpty ? "" : "; " + known.joined(separator: ", "))
  }

  var json: JSONValue {
    [
      "line": .integer(Int64(line)), "source": .text(source),
      "values": .object(values.map { .init($0.name, $0.value) }),
    ]
  }

  private static let deciding: Set<Substring> = ["if", "elseif", "and", "or", "while", "until"]

  private static func decides(_ source: String) -> Bool {
    !deciding.isDisjoint(with: words(of: source))
  }

  /// Names and words of a line, without what stands in quotes or behind a comment mark.
  private static func words(of source: String) -> [Substring] {
    var words: [Substring] = []
    var rest = Substring(source)
    while let character = rest.first {
      if rest.hasPrefix("--") { break }
      if character == "\"" || character == "'" {
        rest = rest.dropFirst()
        guard let end = rest.firstIndex(of: character) else { break }
        rest = rest[end...].dropFirst()
      } else if character.isLetter || character == "_" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        words.append(word)
        rest = rest[word.endIndex...]
      } else {
        rest = rest.dropFirst()
      }
    }
    return words
  }

  /// What may stand for a value, each once: `f.logins`, `limit`.
  private static func names(in source: String) -> [String] {
    var seen: Set<Substring> = []
    return words(of: source).filter { seen.insert($0).inserted }.map(String.init)
  }

  private static func value(
    of name: String, _ visit: RuleWalk.Visit, _ features: [String: Double], _ event: EventRecord
  ) -> JSONValue? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1 {
      // An inner variable hides the outer one of its name.
      return (visit.outer + visit.locals).last { $0.name == name }?.value
    }
    guard parts.count == 2 else { return nil }
    if case .object(let members)? = (visit.outer + visit.locals).last(where: {
      $0.name == parts[0]
    })?.value {
      return members.last { $0.key == parts[1] }?.value
    }
    if let feature = features[parts[1]] { return feature.isNaN ? .null : .number(feature) }
    switch event.value(named: parts[1]) {
    case .missing: return nil
    case .number(let x): return .number(x)
    case .text(let text): return .text(text)
    case .flag(let flag): return .flag(flag)
    }
  }

  private static func words(_ value: JSONValue) -> String {
    switch value {
    case .null: "missing"
    case .number(let x): Format.number(x, atMost: 6)
    case .integer(let n): "\(n)"
    case .text(let text): "\"\(text)\""
    case .flag(let flag): "\(flag)"
    case .list, .object: "a table"
    }
  }
}
