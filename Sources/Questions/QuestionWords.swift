package import Primitives

/// What a phrase of a question stands for.
package enum Meaning: Hashable, Sendable {
  case rule(String)
  case category(String)
  case owner(String)
  case source(String)
  /// A field that entities are named by, such as `user`.
  case field(String)
  case severity(String)
  case status(String)
  case disposition(String)
  case kind(String)
  case order(String)
  /// Something that alerts are counted by and that is no field.
  case key(String)
  /// What is asked for: `count`, `why`, `rules`, …
  case intent(String)
  /// A word that says nothing here.
  case nothing
  /// Something that cannot be answered, with the reason.
  case cannot(String)
}

/// The words of questions: a file of synonyms, and what a data directory calls its own things.
package struct QuestionWords: Sendable {
  /// By their words, in lower case.
  private(set) var phrases: [[String]: Meaning] = [:]
  private(set) var longest = 1

  /// Reads lines `kind value = phrase, phrase`; what stands behind a `#` is left out.
  ///
  /// - Throws: `Failure(.usage)` naming every line that says something else.
  package init(_ text: String, file: String) throws(Failure) {
    var problems: [Diagnostic] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let line = line.prefix { $0 != "#" }
      if line.allSatisfy(\.isWhitespace) { continue }
      let sides = line.split(separator: "=", maxSplits: 1)
      let head = sides[0].split(separator: " ", maxSplits: 1).map(String.init)
      let value = head.count > 1 ? trimmed(head[1]) : ""
      guard sides.count == 2, let kind = head.first, let meaning = Meaning(kind, value) else {
        problems.append(
          Diagnostic(
            code: "bad-words", file: file, line: index + 1, message: "this line names no meaning",
            suggestion: "write 'kind value = phrase, phrase', such as 'field user = users, people'")
        )
        continue
      }
      for phrase in sides[1].split(separator: ",") {
        add(Token.words(of: String(phrase)), meaning)
      }
    }
    if !problems.isEmpty { throw Failure(problems) }
  }

  private func trimmed(_ text: String) -> String {
    text.split(separator: " ").joined(separator: " ")
  }

  mutating func add(_ words: [String], _ meaning: Meaning) {
    guard !words.isEmpty, phrases[words] == nil else { return }
    phrases[words] = meaning
    longest = max(longest, words.count)
  }
}

extension Meaning {
  fileprivate init?(_ kind: String, _ value: String) {
    switch kind {
    case "nothing": self = .nothing
    case "cannot" where !value.isEmpty: self = .cannot(value)
    case _ where value.isEmpty: return nil
    case "rule": self = .rule(value)
    case "category": self = .category(value)
    case "owner": self = .owner(value)
    case "source": self = .source(value)
    case "field": self = .field(value)
    case "severity": self = .severity(value)
    case "status": self = .status(value)
    case "disposition": self = .disposition(value)
    case "kind": self = .kind(value)
    case "order": self = .order(value)
    case "key": self = .key(value)
    case "intent": self = .intent(value)
    default: return nil
    }
  }
}

/// What a data directory and its plugins call their things: the words that questions may use without a synonym.
package struct QuestionSchema: Sendable {
  package var rules: [(id: String, title: String)] = []
  package var fields: [String] = []
  package var categories: [String] = []
  package var owners: [(key: String, name: String)] = []
  package var sources: [String] = []

  package init() {}

  /// The words of the file and those of this schema; the file's go first, and what is told apart by its kind goes before
  /// what is told by its title.
  func words(_ given: QuestionWords) -> QuestionWords {
    var words = given
    for rule in rules { words.add([rule.id.lowercased()], .rule(rule.id)) }
    for field in fields {
      words.add([field.lowercased()], .field(field))
      words.add([field.lowercased() + "s"], .field(field))
    }
    for rule in rules {
      let tail = rule.id.split(separator: ".").last.map(String.init) ?? rule.id
      let spoken = Token.words(of: tail.replacing("-", with: " "))
      for form in [[tail], spoken, QuestionSchema.plural(spoken)] {
        words.add(form, .rule(rule.id))
      }
    }
    for category in categories {
      words.add(Token.words(of: category), .category(category))
      let tail = Token.words(of: category.split(separator: "-").last.map(String.init) ?? category)
      words.add(tail, .category(category))
      words.add(QuestionSchema.plural(tail), .category(category))
    }
    for rule in rules { words.add(Token.words(of: rule.title), .rule(rule.id)) }
    for owner in owners {
      for name in [owner.key, owner.key.replacing("_", with: " "), owner.name] {
        words.add(Token.words(of: name), .owner(owner.key))
      }
    }
    for source in sources { words.add([source.lowercased()], .source(source)) }
    for family in Set(rules.compactMap { $0.id.split(separator: ".").first.map(String.init) }) {
      words.add([family], .rule("\(family).*"))
    }
    return words
  }

  private static func plural(_ words: [String]) -> [String] {
    guard let last = words.last else { return [] }
    let plural = last.hasSuffix("y") ? "\(last.dropLast())ies" : last + "s"
    return words.dropLast() + [plural]
  }
}
