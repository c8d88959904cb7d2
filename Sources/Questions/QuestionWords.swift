package import Primitives

/// What a phrase of a question stands for.
package enum Meaning: Hashable, Sendable {
  case rule(String)
  case category(String)
  case owner(String)
  case source(String)
  /// A field of entities or events, such as `user` or `amount`.
  case field(String)
  /// A severity: exactly it, or `severity high+` for at least it.
  case severity(String)
  case status(String)
  /// Where an open alert stands: `new`, `acknowledged`, `in-progress`; `not new` for all others that are open.
  case state(String)
  /// A name, or `nobody`.
  case assignee(String)
  case disposition(String)
  /// Who found it: a rule or the model.
  case finder(String)
  case order(String)
  /// Something that alerts are counted by and that is no field.
  case key(String)
  /// A kind of event, and the rules that its words mean where alerts are asked for.
  case kind(String, rules: String?)
  /// A value of a field of events, such as `outcome=failure`.
  case value(field: String, value: String)
  /// Hours of the day: from one until another.
  case hours(Int, Int)
  case weekdays([String])
  /// `sum`, `mean`, `max` or `min` of what is named beside it; or of a field: `sum amount`. Empty for an order by it.
  case amount(String, of: String?)
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
    case "found-by": self = .finder(value)
    case "state": self = .state(value)
    case "assignee": self = .assignee(value)
    case "events":
      let parts = value.split(separator: " ").map(String.init)
      guard (1...2).contains(parts.count) else { return nil }
      self = .kind(parts[0], rules: parts.count > 1 ? parts[1] : nil)
    case "value":
      let parts = value.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { return nil }
      self = .value(field: parts[0], value: parts[1])
    case "hours":
      let parts = value.split(separator: " ").compactMap { Int($0) }
      guard parts.count == 2, parts.allSatisfy({ (0...24).contains($0) }) else { return nil }
      self = .hours(parts[0], parts[1])
    case "weekdays": self = .weekdays(value.split(separator: " ").map(String.init))
    case "amount":
      let parts = value.split(separator: " ").map(String.init)
      guard ["sum", "mean", "max", "min", "order"].contains(parts[0]), parts.count <= 2 else {
        return nil
      }
      self = .amount(parts[0] == "order" ? "" : parts[0], of: parts.count > 1 ? parts[1] : nil)
    case "order": self = .order(value)
    case "key": self = .key(value)
    case "intent": self = .intent(value)
    default: return nil
    }
  }
}
