import Cases
import Host
import Primitives
import Store

/// Knows what may stand at a place of a line.
final class Completer {
  /// The names that a data directory and the plugins hold, asked for when first needed.
  struct Names {
    var rules: () -> [String]
    var scenarios: () -> [String]
    var fields: () -> [String]
    var values: (AlertQuery.Key) -> [String]
    var ids: (String) -> [String]
    /// Fields of the events that are kept, and features that are computed of every event.
    var eventFields: () -> [String] = { [] }
    var features: () -> [String] = { [] }
    var lists: () -> [String] = { [] }
  }

  private let names: Names
  /// Names that were set in this conversation.
  var globals: Set<String> = []

  init(_ names: Names) { self.names = names }

  /// - Parameter line: what stands before the cursor.
  func complete(_ line: String) -> Completion {
    if line.hasPrefix(":") {
      return Completion(line, among: MetaLine.commands.map { ":\($0.name)" }, closing: " ")
    }
    if line.hasPrefix("help ") {
      return Completion(String(line.dropFirst(5)), among: Verb.all.map(\.name) + Help.topics)
    }
    if line.hasPrefix("?") { return question(line) }
    if let quote = openQuote(line) {
      return inText(
        before: String(line[..<quote]), typed: String(line[line.index(after: quote)...]))
    }
    let typed = String(line.reversed().prefix { isNameCharacter($0) }.reversed())
    let before = line.dropLast(typed.count)
    if before.last == "." || before.last == ":" {
      // e and f are what try gives its function.
      let named = before.dropLast().last.map { String($0) } ?? ""
      if named == "f" { return Completion(typed, among: names.features()) }
      if isOfMoment(before.dropLast()) { return Completion(typed, among: momentFields) }
      if named == "e" { return Completion(typed, among: eventOwn + names.eventFields()) }
      return Completion(typed, among: alertFields + names.eventFields())
    }
    if let verb = openTable(before), let known = Verb.named(verb)?.options, isAtKey(before) {
      return Completion(typed, among: known, closing: " = ")
    }
    let units = ["second", "minute", "hour", "day", "week"]
    let basics = ["print", "pairs", "ipairs", "math", "string", "table", "tostring", "help"]
    return Completion(
      typed, among: Verb.all.map(\.name) + units + basics + luaWords + Array(globals))
  }

  private let eventOwn = ["id", "time", "kind", "source"]

  private let alertFields = [
    "id", "time", "severity", "title", "message", "field", "entity", "rule", "kind", "source",
    "event", "score", "confidence", "category", "risk", "cost", "action", "owner", "sla", "mapping",
    "incident", "recurrence", "model", "status", "state", "assignee", "disposition", "note",
    "closed", "joined",
    "reasons",
  ]

  private let momentFields = [
    "entities", "in_force_from", "list", "lists", "model", "model_file", "new_rules",
    "plugins_digest", "rule", "rules", "source", "windows",
  ]

  /// Whether a text ends in a call of `at`.
  private func isOfMoment(_ words: Substring) -> Bool {
    guard words.last == ")" else { return false }
    return name(before: "(", closing: ")", in: words.dropLast()) == "at"
  }

  private func question(_ line: String) -> Completion {
    let typed = String(line.reversed().prefix { $0 != " " && $0 != "?" }.reversed())
    return Completion(
      typed, among: names.rules() + names.fields() + ["alerts", "since", "yesterday", "severity"])
  }

  /// What may stand in a text: by the key before it, or by the verb whose argument it is.
  private func inText(before: String, typed: String) -> Completion {
    var words = before
    while words.last == " " { words.removeLast() }
    if words.last == "=" {
      words.removeLast()
      while words.last == " " { words.removeLast() }
      let key = String(words.reversed().prefix { isNameCharacter($0) }.reversed())
      return Completion(typed, among: values(ofKey: key, typed), closing: "\"")
    }
    let isSecond = words.last == ","
    if let verb = openCall(words) {
      return Completion(typed, among: values(of: verb, words, typed, isSecond), closing: "\"")
    }
    return Completion(typed, among: [])
  }

  private func values(ofKey key: String, _ typed: String) -> [String] {
    switch key {
    case "severity": ["info", "low", "medium", "high", "critical"]
    case "rule": names.rules() + names.values(.rule)
    case "category": names.values(.category)
    case "owner": names.values(.owner)
    case "source": names.values(.source)
    case "mapping": names.values(.mapping)
    case "without": names.rules()
    case "drop": names.values(.source)
    case "feature": names.features()
    case "field": names.fields()
    case "entity": entities(typed)
    case "by", "distinct": Verb.keys + names.fields() + names.eventFields()
    case "state": AlertState.allCases.map(\.word)
    case "weekdays": VerbOptions.weekdays
    case "sum", "mean", "min", "max":
      AlertMeasure.Column.allCases.map(\.rawValue) + names.eventFields()
    case "names": entities(typed)
    case "status": StoredAlert.Status.allCases.map(\.rawValue)
    case "disposition", "as":
      StoredAlert.Disposition.allCases.map { $0.rawValue.replacing("_", with: "-") }
    case "order": AlertQuery.Order.allCases.map(\.rawValue) + names.eventFields()
    case "mode": OutputMode.allCases.map(\.rawValue)
    case "kind": ["rule", "model"]
    default: []
    }
  }

  private func values(
    of verb: String, _ words: String, _ typed: String, _ isSecond: Bool
  ) -> [String] {
    switch verb {
    case "alert", "why", "features", "close", "reopen", "feedback", "prove", "counterfactual",
      "acknowledge", "start", "assign", "note", "event", "incident":
      names.ids(typed)
    case "rule", "whynot", "trace", "backtest", "breakpoint": names.rules()
    case "mute": entities(typed)
    case "plant": names.scenarios()
    case "entity" where isSecond:
      names.values(.field(words.split(separator: "\"").dropFirst().first.map(String.init) ?? ""))
    case "entity": names.fields()
    case "list": names.lists()
    case "help": Verb.all.map(\.name)
    default: []
    }
  }

  /// `user=ana`: the fields first, then the values of the one that was typed.
  private func entities(_ typed: String) -> [String] {
    guard let sign = typed.firstIndex(of: "=") else { return names.fields().map { "\($0)=" } }
    let field = String(typed[..<sign])
    return names.values(.field(field)).map { "\(field)=\($0)" }
  }

  private func isNameCharacter(_ character: Character) -> Bool {
    character == "_" || character.isASCII && (character.isLetter || character.isNumber)
  }

  private func openTable(_ line: Substring) -> String? { name(before: "{", closing: "}", in: line) }

  private func openCall(_ line: String) -> String? {
    name(before: "(", closing: ")", in: line[...])
  }

  /// The name in front of the innermost bracket that is not closed.
  private func name(before open: Character, closing close: Character, in line: Substring) -> String?
  {
    var depth = 0
    for index in line.indices.reversed() {
      if line[index] == close { depth += 1 }
      guard line[index] == open else { continue }
      if depth > 0 {
        depth -= 1
        continue
      }
      var words = line[..<index]
      while words.last == " " || words.last == "(" || words.last == "," {
        // The options of close("…", { come after its first argument.
        if words.last == "," {
          guard let call = words.lastIndex(of: "(") else { return nil }
          words = words[..<call]
          continue
        }
        words.removeLast()
      }
      return String(words.reversed().prefix { isNameCharacter($0) }.reversed())
    }
    return nil
  }

  private func isAtKey(_ before: Substring) -> Bool {
    let rest = before.reversed().drop { $0 == " " }
    return rest.first == "{" || rest.first == ","
  }
}

/// The quote that begins the text which the end of a line stands in; missing outside of texts.
func openQuote(_ line: some StringProtocol) -> String.Index? {
  var open: (Character, String.Index)?
  var isEscaped = false
  for index in line.indices {
    let character = line[index]
    if isEscaped {
      isEscaped = false
    } else if let (quote, _) = open {
      if character == "\\" { isEscaped = true }
      if character == quote { open = nil }
    } else if character == "\"" || character == "'" {
      open = (character, index)
    }
  }
  return open?.1
}
