package import Primitives

/// What a question in words comes to.
package enum QuestionAnswer: Hashable, Sendable {
  /// A query in Lua.
  case query(String)
  /// It could mean several things: what was not understood, and the queries that may be meant.
  case ask(String, choices: [String])
  /// It cannot be done, and why.
  case cannot(String)
}

/// Reads questions about alerts and kept events and turns them into queries of the console; what it was asked last is what
/// a follow-up ("and for devices?") builds upon.
///
/// Pure: it looks at words, at the names it was given and at the time it is told. Words are taken in turn for what they can
/// be: time, phrases with a meaning, numbers, entities; then it is read how they are joined. What is left over and says
/// something is not passed over in silence: the question is given back.
package struct QuestionReader: Sendable {
  private let words: QuestionWords
  private let schema: QuestionSchema
  private var last: Query?
  /// The one before, for when the last cannot be run.
  private var before: Query?
  /// The choices of the question that was given back last.
  private var choices: [Query] = []

  package init(words: QuestionWords, schema: QuestionSchema) {
    self.words = schema.words(words)
    self.schema = schema
  }

  /// The last query could not be run: what follows builds upon the one before it.
  package mutating func takeBack() { last = before }

  package mutating func answer(_ text: String, now: Timestamp) -> QuestionAnswer {
    guard text.utf8.count <= 1000 else { return .cannot("that is longer than a question") }
    let (text, quoted) = QuestionReader.quoted(in: text)
    let tokens = Token.tokens(of: text)
    guard !tokens.isEmpty else {
      return .cannot("ask something, such as '? critical alerts since yesterday'")
    }
    if tokens.count == 1, !choices.isEmpty, let number = tokens[0].number,
      choices.indices.contains(Int(number) - 1)
    {
      return settle(choices[Int(number) - 1])
    }
    choices = []
    var reading = QuestionReading(tokens: tokens, words: words, schema: schema, now: now)
    reading.isFollowUp = last != nil && reading.soundsLikeFollowUp
    if reading.isFollowUp {
      reading.base = last
      reading.useFollowUpWords()
    }
    if let quoted {
      reading.query.filters.append(.init(key: .text, values: [quoted]))
      reading.found += 1
    }
    if let reason = reading.read() { return .cannot(reason) }
    if let doubt = reading.doubt { return offer(doubt, reading.choices) }
    var query = reading.query
    if reading.isFollowUp, let last {
      guard let merged = last.followed(by: reading, schema) else {
        return .cannot(
          "that does not follow from the question before: ask it in full, such as 'why was card 4711 flagged'"
        )
      }
      query = merged
    }
    let unknown = reading.unknown
    if unknown.isEmpty {
      if reading.foundNothing, !reading.isFollowUp {
        return .cannot("ask something, such as '? critical alerts since yesterday'")
      }
      if let problem = incomplete(query) { return .cannot(problem) }
      return settle(query)
    }
    let list = unknown.map { "'\($0.word)'" }.joined(separator: " and ")
    guard !reading.foundNothing, incomplete(query) == nil else {
      return .cannot(
        "I do not understand \(list): I know of alerts, events, rules, entities, times and amounts")
    }
    // A word that joins, compares or denies changes what the others say: without it nothing is offered.
    let turns = unknown.filter { QuestionReader.turning.contains($0.word) }
    if !turns.isEmpty {
      return .cannot(
        "I do not see what \(list) is to say here: ask it otherwise, or in two questions")
    }
    var offered = [query]
    let isName =
      unknown.count == 1
      && (unknown[0].word.allSatisfy(\.isNumber) || !unknown[0].isMeasure)
    if isName, query.values(of: .entity).isEmpty, query.subject == .alerts,
      schema.knows(unknown[0].raw) != .nobody || unknown[0].word.allSatisfy(\.isNumber)
    {
      var other = query
      other.set(.entity, [unknown[0].raw])
      offered.append(other)
    }
    let isNobody =
      unknown.count == 1 && unknown[0].word.contains(where: \.isNumber) && !unknown[0].isMeasure
      && schema.knows(unknown[0].raw) == .nobody
    return offer(
      isNobody
        ? "no alert is about \(list), and no kept event names it" : "I do not understand \(list)",
      offered)
  }

  private static let turning: Set = [
    "or", "not", "no", "nor", "never", "than", "most", "least", "over", "under", "above", "below",
    "more", "less", "fewer", "exactly", "between", "by", "per", "each", "every", "median", "same",
    "if", "older", "newer", "without", "except", "both", "neither", "only", "but", "top", "fewest",
  ]

  private mutating func offer(_ what: String, _ queries: [Query]) -> QuestionAnswer {
    choices = queries.filter { incomplete($0) == nil }
    if choices.isEmpty { return .cannot(what) }
    return .ask(what, choices: choices.map(\.lua))
  }

  /// A text in quotes that alerts are to hold, and the question without it.
  private static func quoted(in text: String) -> (String, String?) {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[1].isEmpty,
      let verb = parts[0].split(separator: " ").last?.lowercased(),
      ["mentioning", "mention", "containing", "contain", "contains", "saying", "say", "text"]
        .contains(verb)
    else { return (text, nil) }
    return (
      parts[0].dropLast(verb.count + 1).trimmingSuffix(while: { $0 == " " }) + " " + parts[2],
      String(parts[1])
    )
  }

  private mutating func settle(_ query: Query) -> QuestionAnswer {
    before = last
    last = query
    choices = []
    return .query(query.lua)
  }

  private func incomplete(_ query: Query) -> String? {
    switch query.act {
    case .entity where query.whom == nil:
      "say what it is, such as 'user ana' or 'card 4711'"
    case .rule where query.values(of: .rule).count != 1: "say which rule"
    case .risk where query.whom == nil: "say whose risk, such as 'user ana'"
    case .whynot where query.values(of: .rule).count != 1:
      "say which rule and which event, such as 'why did login burst stay silent on event e42'"
    case .whynot
    where query.event == nil && query.values(of: .kind).isEmpty
      && query.values(of: .entity).isEmpty:
      "say which rule and which event, such as 'why did login burst stay silent on event e42'"
    case .whatif where query.values.isEmpty:
      "say what would be otherwise, such as 'what if event e42 had amount 10'"
    case .counterfactual where query.id == nil, .prove where query.id == nil:
      "say which alert, by its id"
    case .changed where query.time == nil: "say since when, such as 'today'"
    case _ where query.unsaid != nil:
      "\(query.unsaid ?? "that") cannot be said of what is asked for ('\(query.lua)' would leave it out): ask without it, or for the alerts"
    case .why where query.id == nil && query.filters.isEmpty && query.any.isEmpty:
      "say which alert, such as 'why was card 4711 flagged'"
    case .riskiest where query.by.count > 1: "say of what, such as 'riskiest users'"
    default: nil
    }
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while holds: (Character) -> Bool) -> String {
    var text = self
    while let last = text.last, holds(last) { text.removeLast() }
    return String(text)
  }
}
