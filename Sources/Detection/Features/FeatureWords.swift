import Primitives

/// How a feature reads in a sentence: a phrase with `{n}` where the number goes, its unit and its decimals.
package struct FeatureWords: Hashable, Sendable {
  package var phrase: String
  /// Empty where the number is a plain count or ratio.
  package var unit: String
  package var decimals: Int

  package init(phrase: String, unit: String = "", decimals: Int) {
    self.phrase = phrase
    self.unit = unit
    self.decimals = decimals
  }

  /// The phrase with the number in it; a count of one takes the singular, a missing number reads "unknown".
  package func sentence(_ value: Double) -> String {
    var text = phrase
    if value == 1 && decimals == 0 && text.hasPrefix("{n} events") {
      text = "{n} event" + text.dropFirst("{n} events".count)
    }
    return text.replacing("{n}", with: number(value))
  }

  /// The number alone, as it stands in the phrase.
  package func number(_ value: Double) -> String {
    value.isNaN ? "unknown" : FeatureWords.number(value, decimals: decimals)
  }

  /// Rounded to so many decimals, without trailing zeros; beyond 2^53 as Swift prints it.
  package static func number(_ value: Double, decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard abs(scaled) < 0x1p53, let whole = Int64(exactly: scaled), let unit = Int64(exactly: scale)
    else { return "\(value)" }
    let magnitude = whole.magnitude
    var text = (whole < 0 ? "-" : "") + String(magnitude / unit.magnitude)
    var fraction = String(magnitude % unit.magnitude)
    fraction = String(repeating: "0", count: max(0, decimals - fraction.count)) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    if decimals > 0 && !fraction.isEmpty { text += "." + fraction }
    return text
  }
}

extension NamedFeature {
  package var words: FeatureWords { definition.words }
}

extension FeatureDefinition {
  package var words: FeatureWords {
    switch self {
    case .count(_, let within, let filter):
      FeatureWords(phrase: "{n} events\(conditions(filter)) in \(lately(within))", decimals: 0)
    case .aggregate(let aggregate, _, let field, let within, let filter):
      FeatureWords(
        phrase:
          "\(aggregate.words) \(field ?? "amount")\(conditions(filter)) {n} in \(lately(within))",
        decimals: 2)
    case .distinct(_, let field, let within, let filter):
      FeatureWords(
        phrase: "{n} different \(spaced(field)) values\(conditions(filter)) in \(lately(within))",
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
        phrase: "{n} seconds after the last event\(conditions(filter))", unit: "seconds",
        decimals: 0)
    case .dailyCount: FeatureWords(phrase: "{n} events today", decimals: 0)
    case .dailySum(_, let field):
      FeatureWords(phrase: "\(field ?? "amount") of {n} in total today", decimals: 2)
    case .rate(_, let within):
      FeatureWords(
        phrase: "{n} events an hour in \(lately(within))", unit: "events an hour", decimals: 2)
    case .ewma(_, let field, let halfLife):
      FeatureWords(
        phrase: "usual \(field ?? "amount") of {n} (half-life \(halfLife))", decimals: 2)
    case .hourRarity:
      FeatureWords(phrase: "hour of day unusual to a degree of {n} of 1", decimals: 2)
    case .isNew(_, let field):
      FeatureWords(phrase: "\(spaced(field)) never seen before: {n}", unit: "0 or 1", decimals: 0)
    case .history: FeatureWords(phrase: "{n} events before this one", decimals: 0)
    case .labelRate(let scope, let within, let after):
      FeatureWords(
        phrase: "a share of {n} of the events of \(owner(scope)) in \(lately(within)) known bad"
          + (after > .zero ? " (\(after) and older)" : ""), decimals: 3)
    case .sinceLabel(let scope, _):
      FeatureWords(
        phrase: "{n} seconds after the last event of \(owner(scope)) known bad", unit: "seconds",
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
    case .field(let name): FeatureWords(phrase: "\(spaced(name)) {n}", decimals: 2)
    case .equals(let name, let word):
      FeatureWords(phrase: "\(spaced(name)) is \(word): {n}", unit: "0 or 1", decimals: 0)
    }
  }

  /// `the last hour`, `the last 24 hours`, `the last 5 minutes`.
  private func lately(_ span: TimeSpan) -> String {
    if span == .days(1) { return "the last 24 hours" }
    let words = span.description
    return "the last " + (words.hasPrefix("1 ") ? String(words.dropFirst(2)) : words)
  }

  private func conditions(_ filter: [Predicate]) -> String {
    filter.isEmpty ? "" : " with " + filter.map(\.description).joined(separator: " and ")
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
    case .dayOfWeek: FeatureWords(phrase: "day of week {n} (Monday is 0)", unit: "day", decimals: 0)
    case .sinHourly: FeatureWords(phrase: "sine of the time within the hour {n}", decimals: 2)
    case .cosHourly: FeatureWords(phrase: "cosine of the time within the hour {n}", decimals: 2)
    case .sinDaily: FeatureWords(phrase: "sine of the time of day {n}", decimals: 2)
    case .cosDaily: FeatureWords(phrase: "cosine of the time of day {n}", decimals: 2)
    }
  }
}
