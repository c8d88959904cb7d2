import Primitives

/// The words of each kind of feature.
extension NamedFeature {
  /// A count of all events is called what its author calls it: `logins_10m` counts logins.
  package var words: FeatureWords {
    var words = definition.words
    if case .count(_, _, let filter) = definition, filter.isEmpty, let noun {
      words.phrase.name(events: noun)
    }
    return words
  }

  /// `logins` and `logins_10m` → `login{|s}`; missing where the name is not one word in the plural.
  private var noun: String? {
    var word = Substring(name)
    if let mark = word.lastIndex(of: "_"), word[mark...].dropFirst().first?.isNumber == true {
      word = word[..<mark]
    }
    guard word.count > 3, word.hasSuffix("s"), word.allSatisfy({ $0.isLetter }) else { return nil }
    let one =
      word.hasSuffix("ies") ? word.dropLast(3) + "y" : Substring(word.dropLast())
    return Nouns.plural(String(one))
  }
}

extension FeatureDefinition {
  /// Whether its words depend on the event.
  package var hasWordsOfEvent: Bool {
    switch self {
    case .calendar(.sinDaily), .calendar(.cosDaily), .calendar(.sinHourly), .calendar(.cosHourly),
      .count(.primary, _, []), .rate(.primary, _), .dailyCount(.primary):
      true
    default: readsMeasure
    }
  }

  /// Its words on one event: what the clock said, and what the counted events were where that is known.
  ///
  /// - Parameters:
  ///   - words: its words on any event.
  ///   - noun: what all events of the last 24 hours were (`login{|s}`); missing where they were of several kinds.
  package func words(
    _ words: FeatureWords, on event: EventRecord, noun: String?
  ) -> FeatureWords {
    var words = words
    switch self {
    case .calendar(.sinDaily), .calendar(.cosDaily):
      words.phrase = "time of day \(event.clock) UTC"
    case .calendar(.sinHourly), .calendar(.cosHourly):
      words.phrase = "minute \(event.clock.suffix(2)) of the hour"
    case .count(.primary, let within, []), .rate(.primary, let within):
      if let noun, within <= .hours(24) { words.phrase.name(events: noun) }
    case .dailyCount(.primary):
      if let noun { words.phrase.name(events: noun) }
    default: break
    }
    if readsMeasure, event.number("amount") == nil, event.number("value") != nil {
      words.phrase.replace("amount", with: "value", maxReplacements: 1)
    }
    return words
  }

  /// Whether it is about what events measure, whichever field that is.
  private var readsMeasure: Bool {
    switch self {
    case .aggregate(_, _, nil, _, _), .zScore(_, nil, _), .ratioToMean(_, nil, _),
      .percentChange(_, nil, _), .difference(_, nil, _), .ratioToLast(_, nil), .dailySum(_, nil),
      .ewma(_, nil, _), .seasonal(_, nil, _):
      true
    default: false
    }
  }

  /// What events of one kind are called, for `words`.
  package static func noun(ofKind kind: String) -> String {
    Nouns.plural(kind.utf8.contains(UInt8(ascii: "_")) ? kind.replacing("_", with: " ") : kind)
  }
}

extension String {
  private static let anyEvents = "{n} event{|s}"

  /// `{n} event{|s} today` → `{n} login{|s} today`
  fileprivate mutating func name(events noun: String) {
    guard hasPrefix(String.anyEvents) else { return }
    self = "{n} \(noun)" + Substring(utf8.dropFirst(String.anyEvents.utf8.count))
  }
}

extension EventRecord {
  /// Hours and minutes of its time in UTC.
  fileprivate var clock: String {
    let minutes = ((time.microseconds / 60_000_000) % 1440 + 1440) % 1440
    func two(_ n: Int64) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return "\(two(minutes / 60)):\(two(minutes % 60))"
  }
}

extension FeatureDefinition {
  package var words: FeatureWords {
    switch self {
    case .count(_, let within, let filter):
      FeatureWords(phrase: "{n} \(events(filter)) in \(lately(within))", decimals: 0)
    case .aggregate(let aggregate, _, let field, let within, let filter):
      FeatureWords(
        phrase:
          "\(aggregate.words) \(field ?? "amount") {n}\(ofEvents(filter)) in \(lately(within))",
        decimals: 2)
    case .distinct(_, let field, let within, let filter):
      FeatureWords(
        phrase:
          "{n} different \(Nouns.plural(spaced(field)))\(ofEvents(filter)) in \(lately(within))",
        decimals: 0)
    case .zScore(_, let field, let within):
      FeatureWords(
        phrase: "\(field ?? "amount") {n} standard deviations from its mean in \(lately(within))",
        unit: "standard deviations", decimals: 1)
    case .ratioToMean(_, let field, let within):
      FeatureWords(
        phrase: "{n} times the mean \(field ?? "amount") in \(lately(within))", unit: "times",
        decimals: 1)
    case .percentChange(_, let field, let within):
      FeatureWords(
        phrase: "\(field ?? "amount") {n} % off the first in \(lately(within))", unit: "%",
        decimals: 1)
    case .difference(_, let field, let order):
      FeatureWords(
        phrase: order == 1
          ? "\(field ?? "amount") {n} off the one before"
          : "\(field ?? "amount") changing by {n} more than the time before", decimals: 2)
    case .ratioToLast(_, let field):
      FeatureWords(
        phrase: "{n} times the \(field ?? "amount") before", unit: "times", decimals: 1)
    case .sinceLast(_, let filter):
      FeatureWords(
        phrase: "{n} after the last \(Nouns.one(events(filter)))", unit: FeatureWords.seconds,
        decimals: 0)
    case .dailyCount: FeatureWords(phrase: "{n} event{|s} today", decimals: 0)
    case .dailySum(_, let field):
      FeatureWords(
        phrase: "\(field ?? "amount") of {n} in total today", decimals: 2)
    case .rate(_, let within):
      FeatureWords(
        phrase: "{n} event{|s} an hour in \(lately(within))", unit: "events an hour", decimals: 2)
    case .ewma(_, let field, let halfLife):
      FeatureWords(
        phrase: "usual \(field ?? "amount") of {n} (half-life \(halfLife))", decimals: 2)
    case .hourRarity:
      FeatureWords(phrase: "unusual hour of day: {n} of 1", decimals: 2)
    case .isNew(_, let field):
      FeatureWords(
        phrase: "\(spaced(field)) {never seen before|seen before}", unit: FeatureWords.flag,
        decimals: 0)
    case .history: FeatureWords(phrase: "{n} event{|s} before this one", decimals: 0)
    case .labelRate(let scope, let within, let after):
      FeatureWords(
        phrase: "a share of {n} of the events of \(owner(scope)) in \(lately(within)) known bad"
          + (after > .zero ? " (\(after) and older)" : ""), decimals: 3)
    case .sinceLabel(let scope, _):
      FeatureWords(
        phrase: "{n} after the last event of \(owner(scope)) known bad", unit: FeatureWords.seconds,
        decimals: 0)
    case .seasonal(_, let field, _):
      FeatureWords(
        phrase: "\(field ?? "amount") {n} deviations from usual for this hour of the week",
        unit: "deviations", decimals: 1)
    case .ratio(let above, let below):
      FeatureWords(phrase: "a ratio of {n} of \(above) to \(below)", decimals: 2)
    case .minus(let from, let less):
      FeatureWords(phrase: "a difference of {n} between \(from) and \(less)", decimals: 2)
    case .calendar(let calendar): calendar.words
    case .field(let name):
      FeatureWords(phrase: "\(spaced(name)) {n}", decimals: 2)
    case .equals(let name, let word):
      FeatureWords(
        phrase: "\(spaced(name)) {is|is not} \(word)", unit: FeatureWords.flag, decimals: 0)
    }
  }

  /// `the last hour`, `the last 24 hours`, `the last 5 minutes`.
  private func lately(_ span: TimeSpan) -> String {
    if span == .days(1) { return "the last 24 hours" }
    let words = span.description
    return "the last " + (words.hasPrefix("1 ") ? String(words.dropFirst(2)) : words)
  }

  /// What is counted: `event{|s}`, `login{|s} with outcome failure`.
  private func events(_ filter: [Predicate]) -> String {
    var noun = "event{|s}"
    var conditions: [String] = []
    for predicate in filter {
      if predicate.name == "kind", let kinds = predicate.test.alternatives {
        noun = kinds.map { Nouns.plural(spaced($0)) }.joined(separator: " or ")
      } else {
        conditions.append(predicate.words)
      }
    }
    return conditions.isEmpty ? noun : "\(noun) with \(conditions.joined(separator: " and "))"
  }

  private func ofEvents(_ filter: [Predicate]) -> String {
    filter.isEmpty ? "" : " of " + Nouns.many(events(filter))
  }

  private func owner(_ scope: EntityScope) -> String {
    switch scope {
    case .primary: "the entity"
    case .field(let name): "the \(spaced(name))"
    case .pair(let first, let second): "this \(spaced(first)) and \(spaced(second))"
    }
  }

  private func spaced(_ name: String) -> String { name.replacing("_", with: " ") }
}

extension FeatureDefinition.Aggregate {
  fileprivate var words: String {
    switch self {
    case .sum: "total"
    case .mean: "mean"
    case .std: "spread of"
    case .min: "smallest"
    case .max: "largest"
    case .first: "first"
    case .last: "last"
    }
  }
}

extension FeatureDefinition.Calendar {
  fileprivate var words: FeatureWords {
    switch self {
    case .hourOfDay: FeatureWords(phrase: "hour of day {n}", unit: "hour", decimals: 0)
    case .dayOfWeek: FeatureWords(phrase: "a {n}", unit: FeatureWords.weekday, decimals: 0)
    case .sinHourly: FeatureWords(phrase: "sine of the time within the hour {n}", decimals: 2)
    case .cosHourly: FeatureWords(phrase: "cosine of the time within the hour {n}", decimals: 2)
    case .sinDaily: FeatureWords(phrase: "sine of the time of day {n}", decimals: 2)
    case .cosDaily: FeatureWords(phrase: "cosine of the time of day {n}", decimals: 2)
    }
  }
}
