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

/// Reads questions about alerts and turns them into queries of the console; what it was asked last is what a follow-up
/// ("and for devices?") builds upon.
///
/// Pure: it looks at words, at the names it was given and at the time it is told. Words are taken in turn for what they can
/// be: time, amounts, phrases with a meaning, entities. What is left over and says something is not passed over in
/// silence: the question is given back.
package struct QuestionReader: Sendable {
  private let words: QuestionWords
  private let fields: [String]
  private var last: Understood?
  /// The choices of the question that was given back last.
  private var choices: [Understood] = []

  package init(words: QuestionWords, schema: QuestionSchema) {
    self.words = schema.words(words)
    fields = schema.fields
  }

  package mutating func answer(_ text: String, now: Timestamp) -> QuestionAnswer {
    guard text.utf8.count <= 1000 else { return .cannot("that is longer than a question") }
    let (text, quoted) = QuestionReader.quoted(in: text)
    var tokens = Token.tokens(of: text)
    guard !tokens.isEmpty else {
      return .cannot("ask something, such as '? critical alerts since yesterday'")
    }
    if tokens.count == 1, !choices.isEmpty, let number = tokens[0].number,
      choices.indices.contains(Int(number) - 1)
    {
      let chosen = choices[Int(number) - 1]
      return settle(chosen)
    }
    choices = []
    var reading = QuestionReading(tokens: tokens, words: words, fields: fields, now: now)
    let isFollowUp = last != nil && reading.isFollowUp
    if isFollowUp { reading.understood = Understood() }
    if let quoted {
      reading.understood.filters["text"] = quoted
      reading.narrow()
    }
    if let reason = reading.read() { return .cannot(reason) }
    tokens = reading.tokens
    var understood = reading.understood
    if isFollowUp, let last { understood = merged(last, with: understood, reading) }
    let unknown = reading.unknown
    if unknown.isEmpty {
      if let problem = incomplete(understood) { return .cannot(problem) }
      return settle(understood)
    }
    let list = unknown.map { "'\($0)'" }.joined(separator: " and ")
    guard !reading.foundNothing, incomplete(understood) == nil else {
      return .cannot(
        "I do not understand \(list): I know of alerts, rules, entities, times and amounts")
    }
    choices = [understood]
    let isName =
      unknown.count == 1
      && (unknown[0].allSatisfy(\.isNumber) || !Token(unknown[0]).isMeasure)
    if isName, understood.filters["entity"] == nil {
      var other = understood
      other.filters["entity"] = reading.rawUnknown[0]
      choices.append(other)
    }
    return .ask("I do not understand \(list)", choices: choices.map(\.lua))
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

  private mutating func settle(_ understood: Understood) -> QuestionAnswer {
    last = understood
    choices = []
    return .query(understood.lua)
  }

  private func incomplete(_ understood: Understood) -> String? {
    switch understood.intent {
    case .entity where !(understood.filters["entity"]?.contains("=") ?? false):
      "say what it is, such as 'user ana' or 'card 4711'"
    case .rule where understood.filters["rule"] == nil: "say which rule"
    case .risk where !(understood.filters["entity"]?.contains("=") ?? false):
      "say whose risk, such as 'user ana'"
    case .whynot where understood.filters["rule"] == nil || understood.event == nil:
      "say which rule and which event, such as 'why did login burst stay silent on event e42'"
    case .whatif where understood.values.isEmpty:
      "say what would be otherwise, such as 'what if event e42 had amount 10'"
    case .counterfactual where understood.id == nil, .prove where understood.id == nil:
      "say which alert, by its id"
    case .changed where understood.time == nil: "say since when, such as 'today'"
    default: nil
    }
  }

  /// What was asked before, with what is said now in its place.
  private func merged(
    _ before: Understood, with now: Understood, _ reading: QuestionReading
  ) -> Understood {
    var result = before
    for (key, value) in now.filters { result.filters[key] = value }
    for (key, value) in now.numbers { result.numbers[key] = value }
    if let time = now.time { result.time = time }
    if let order = now.order { result.order = order }
    if let limit = now.limit { result.limit = limit }
    if let field = now.filters["field"], before.intent == .tally, fields.contains(before.by ?? "") {
      result.filters["field"] = nil
      result.by = field
    }
    if let by = now.by {
      result.by = by
      if before.intent != .timeline { result.intent = now.intent }
    }
    if reading.hasIntent { result.intent = now.intent }
    if result.filters["entity"] != nil && now.filters["entity"] != nil {
      result.filters["field"] = nil
    }
    return result
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while holds: (Character) -> Bool) -> String {
    var text = self
    while let last = text.last, holds(last) { text.removeLast() }
    return String(text)
  }
}
