import Cases
import Detection
import Host
import Primitives
import Scripting
import Store

/// The table of options of a verb, read by key; a key that is not one is answered with the nearest.
struct VerbOptions {
  let verb: String
  private let table: ScriptTable

  init(_ value: ScriptValue?, of verb: String, known: [String]) throws(Failure) {
    self.verb = verb
    switch value {
    case nil, .nil: table = ScriptTable()
    case .table(let table): self.table = table
    case .some(let other):
      throw Failure(
        .usage, "\(verb) takes a table of options, not \(other.kind)",
        advice: "such as \(verb){last = 1 * day}; 'help \(verb)' shows more")
    }
    if !table.list.isEmpty {
      throw Failure(
        .usage, "\(verb) takes options by name",
        advice: "such as \(verb){\(known.first ?? "limit") = …}; 'help \(verb)' shows all")
    }
    for (name, _) in table.named where !known.contains(name) {
      throw Failure(
        .usage, "\(verb) has no option '\(name)'",
        advice: nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
          ?? "it has \(known.joined(separator: ", "))")
    }
  }

  func has(_ key: String) -> Bool { !table[key].isNil }

  func isText(_ key: String) -> Bool { table[key].text != nil }

  var isEmpty: Bool { table.named.isEmpty }

  func text(_ key: String) throws(Failure) -> String? {
    try read(key, "text") { $0.text }
  }

  func number(_ key: String) throws(Failure) -> Double? {
    try read(key, "a number") { $0.number }
  }

  func count(_ key: String) throws(Failure) -> Int? {
    let number = try read(key, "a whole number") { $0.integer }
    guard let number else { return nil }
    guard (1...10_000_000).contains(number) else {
      throw Failure(.usage, "\(key) is \(number)", advice: "give 1 to 10000000")
    }
    return Int(number)
  }

  func flag(_ key: String) throws(Failure) -> Bool? {
    try read(key, "true or false") { $0.flag }
  }

  func span(_ key: String) throws(Failure) -> TimeSpan? {
    try read(key, "a length of time such as 7 * day") { $0.duration }
  }

  func time(_ key: String) throws(Failure) -> Timestamp? {
    try read(key, "a time such as \"2026-03-20 14:00\"") { value in
      value.time ?? value.text.flatMap(TimeWords.parse)
    }
  }

  /// When what is meant begins: at `since`, or so long before `before` or now as `last` or `days` says. Missing where none is
  /// given; only one of them can be.
  func start(_ now: Timestamp, before: Timestamp? = nil) throws(Failure) -> Timestamp? {
    try refuseTwo(of: ["last", "since", "days"])
    if let since = try time("since") { return since }
    if let days = try count("days") { return (before ?? now) - .days(Int64(days)) }
    guard let last = try span("last") else { return nil }
    guard last > .zero else {
      throw Failure(
        .usage, "last of \(verb) is no time at all", advice: "give a length such as 7 * day")
    }
    return (before ?? now) - last
  }

  func refuseTwo(of keys: [String]) throws(Failure) {
    let given = keys.filter(has)
    guard given.count > 1 else { return }
    throw Failure(
      .usage, "\(verb) has both \(given[0]) and \(given[1])", advice: "give one of them")
  }

  /// One text or a list of them.
  func texts(_ key: String) throws(Failure) -> [String] {
    let read = try read(key, "a text or a list of texts") { value -> [String]? in
      if let text = value.text { return [text] }
      guard let list = value.table?.list, !list.isEmpty else { return nil }
      let texts = list.compactMap(\.text)
      return texts.count == list.count ? texts : nil
    }
    return read ?? []
  }

  func table(_ key: String) throws(Failure) -> ScriptTable? {
    try read(key, "a table such as {amount = 10}") { $0.table }
  }

  /// One of a few words; an unknown one is answered with the nearest.
  func word<Word>(
    _ key: String, _ known: [String], _ make: (String) -> Word?
  ) throws(Failure) -> Word? {
    guard let text = try text(key) else { return nil }
    if let word = make(text) { return word }
    throw VerbOptions.unknown(key, text, known)
  }

  static func unknown(_ what: String, _ text: String, _ known: [String]) -> Failure {
    Failure(
      .usage, "unknown \(what) '\(AlertCard.shown(text))'",
      advice: nearestName(to: text, among: known).map { "did you mean '\($0)'?" }
        ?? "give one of \(known.joined(separator: ", "))")
  }

  private func read<Result>(
    _ key: String, _ what: String, _ make: (ScriptValue) -> Result?
  ) throws(Failure) -> Result? {
    let value = table[key]
    if value.isNil { return nil }
    if let result = make(value) { return result }
    throw Failure(
      .usage, "\(key) of \(verb) is \(value.kind) that cannot be used", advice: "give \(what)")
  }
}
