import Cases
import Detection
import Host
import Primitives
import Scripting
import Store

extension VerbOptions {
  private static let ofOne = [
    "severity", "rule", "kind", "category", "owner", "source", "entity", "names", "field", "status",
    "state", "assignee", "disposition", "mapping", "min_cost", "max_cost", "min_score", "cost",
    "score", "text", "hours", "weekdays",
  ]

  /// What says which alerts are meant.
  static let filters = ["last", "since", "before"] + ofOne + ["any", "except"]

  func query(now: Timestamp) throws(Failure) -> AlertQuery {
    var query = try filter()
    query.before = try time("before")
    query.since = try start(now, before: query.before)
    try refuseEmpty(query.since, query.before)
    query.alternatives += try group("any").map { [$0] } ?? []
    query.exceptions = try group("except") ?? []
    return query
  }

  /// Times of which none lies between.
  func refuseEmpty(_ since: Timestamp?, _ before: Timestamp?) throws(Failure) {
    guard let since, let before, since >= before else { return }
    throw Failure(
      .usage, "\(verb) begins at \(since) and ends at \(before)",
      advice: "give since before its end")
  }

  /// `{rule = "a.b"}`, or a list of such.
  private func group(_ key: String) throws(Failure) -> [AlertQuery]? {
    guard let table = try table(key) else { return nil }
    let tables = table.list.isEmpty ? [ScriptValue.table(table)] : table.list
    var queries: [AlertQuery] = []
    for value in tables {
      let options = try VerbOptions(value, of: "\(key) of \(verb)", known: VerbOptions.ofOne)
      guard !options.isEmpty else {
        throw Failure(
          .usage, "\(key) of \(verb) has nothing in it", advice: "such as {rule = \"fraud.*\"}")
      }
      queries.append(try options.filter())
    }
    return queries
  }

  /// All but times and groups.
  private func filter() throws(Failure) -> AlertQuery {
    var query = AlertQuery()
    if isText("severity") {
      query.severity = try word("severity", Severity.allCases.map(\.word), Severity.init)
    } else {
      query.severities = try words("severity", Severity.allCases.map(\.word), Severity.init)
    }
    try either("rule", &query) { $0.rule = $1 }
    query.kind = try word("kind", ["rule", "model"]) { Alert.Kind(rawValue: $0)?.rawValue }
    try either("category", &query) { $0.category = $1 }
    try either("owner", &query) { $0.owner = $1 }
    try either("source", &query) { $0.source = $1 }
    query.entityField = try text("field")
    try either("entity", &query) { query, entity in
      if let (field, value) = VerbOptions.entity(entity) {
        (query.entityField, query.entity) = (field, value)
      } else {
        query.entity = entity
      }
    }
    if let name = try text("names") {
      guard let (field, value) = VerbOptions.entity(name) else {
        throw Failure(
          .usage, "names of \(verb) is '\(AlertCard.shown(name))'",
          advice: "give a field and its value, such as \"device=pc-1\"")
      }
      query.named = Entity(field: field, value: value)
    }
    query.status = try word(
      "status", StoredAlert.Status.allCases.map(\.rawValue)
    ) { StoredAlert.Status(rawValue: $0)?.rawValue }
    query.states = try words("state", AlertState.allCases.map(\.word)) {
      AlertState(rawValue: $0.replacing("-", with: "_").replacing(" ", with: "_"))
    }
    if has("assignee") {
      query.assignee = isText("assignee") ? try text("assignee").map { .person($0) } : .nobody
      if !isText("assignee"), try flag("assignee") != false {
        throw Failure(
          .usage, "assignee of \(verb) is true", advice: "give a name, or false for nobody")
      }
    }
    query.disposition = try word(
      "disposition", StoredAlert.Disposition.allCases.map { $0.rawValue.replacing("_", with: "-") }
    ) { StoredAlert.Disposition(rawValue: $0.replacing("-", with: "_"))?.rawValue }
    query.mapping = try text("mapping")
    query.cost = try bounds("cost")
    query.score = try bounds("score")
    if let least = try number("min_cost") { query.cost.atLeast = least }
    if let most = try number("max_cost") { query.cost.atMost = most }
    if let least = try number("min_score") { query.score.atLeast = least }
    query.text = try text("text")
    query.clock = try clock()
    return query
  }

  /// One value, or a list of which any may be.
  private func either(
    _ key: String, _ query: inout AlertQuery, _ set: (inout AlertQuery, String) -> Void
  ) throws(Failure) {
    let values = try texts(key)
    if values.count == 1 { set(&query, values[0]) }
    if values.count > 1 {
      query.alternatives.append(
        values.map { value in
          var one = AlertQuery()
          set(&one, value)
          return one
        })
    }
  }

  /// `user=ana`
  static func entity(_ text: String) -> (field: String, value: String)? {
    guard let sign = text.firstIndex(of: "="), sign > text.startIndex else { return nil }
    return (String(text[..<sign]), String(text[text.index(after: sign)...]))
  }

  // MARK: Shared with events

  static let boundNames = ["above", "below", "at_least", "at_most"]

  /// `{above = 1000, at_most = 5000}`
  func bounds(_ key: String) throws(Failure) -> NumberBounds {
    guard let table = try table(key) else { return NumberBounds() }
    return try VerbOptions(.table(table), of: "\(key) of \(verb)", known: VerbOptions.boundNames)
      .bounds()
  }

  func bounds() throws(Failure) -> NumberBounds {
    var bounds = NumberBounds()
    bounds.above = try number("above")
    bounds.below = try number("below")
    bounds.atLeast = try number("at_least")
    bounds.atMost = try number("at_most")
    return bounds
  }

  static let weekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]

  /// `hours = {22, 6}`, `weekdays = {"saturday", "sunday"}`
  func clock() throws(Failure) -> ClockFilter {
    var clock = ClockFilter()
    if let table = try table("hours") {
      let hours = table.list.compactMap(\.integer)
      guard hours.count == 2, table.list.count == 2, table.named.isEmpty,
        (0...23).contains(hours[0]), (0...24).contains(hours[1]), hours[0] != hours[1]
      else {
        throw Failure(
          .usage, "hours of \(verb) are not two hours of the day",
          advice: "give the first and the one before which it ends, such as {22, 6}")
      }
      clock.hours = .init(from: Int(hours[0]), to: Int(hours[1]))
    }
    clock.weekdays = Set(
      try words("weekdays", VerbOptions.weekdays) {
        VerbOptions.weekdays.firstIndex(of: $0.lowercased())
      })
    return clock
  }

  /// One of a few words, or a list of them; an unknown one is answered with the nearest.
  private func words<Word>(
    _ key: String, _ known: [String], _ make: (String) -> Word?
  ) throws(Failure) -> [Word] {
    var words: [Word] = []
    for text in try texts(key) {
      guard let word = make(text) else { throw VerbOptions.unknown(key, text, known) }
      words.append(word)
    }
    return words
  }
}
