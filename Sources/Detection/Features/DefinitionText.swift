/// Definitions as one canonical line each: what a digest is taken of and what a person reads.
///
/// `count per primary within 1 hour where outcome = "failure"`. Two definitions are equal exactly where their lines are;
/// a change of this form changes every digest, so models must be trained anew.
extension FeatureDefinition: CustomStringConvertible {
  package var description: String {
    switch self {
    case .count(let scope, let within, let filter):
      "count per \(scope) within \(within)\(filterText(filter))"
    case .aggregate(let aggregate, let scope, let field, let within, let filter):
      "\(aggregate.rawValue) of \(measured(field)) per \(scope) within \(within)\(filterText(filter))"
    case .distinct(let scope, let field, let within, let filter):
      "distinct \(field) per \(scope) within \(within)\(filterText(filter))"
    case .zScore(let scope, let field, let within):
      "z of \(measured(field)) per \(scope) within \(within)"
    case .ratioToMean(let scope, let field, let within):
      "ratio to mean of \(measured(field)) per \(scope) within \(within)"
    case .percentChange(let scope, let field, let within):
      "percent change of \(measured(field)) per \(scope) within \(within)"
    case .difference(let scope, let field, let order):
      "difference \(order) of \(measured(field)) per \(scope)"
    case .ratioToLast(let scope, let field): "ratio to last of \(measured(field)) per \(scope)"
    case .sinceLast(let scope, let filter): "seconds since last per \(scope)\(filterText(filter))"
    case .dailyCount(let scope): "count per \(scope) today"
    case .dailySum(let scope, let field): "sum of \(measured(field)) per \(scope) today"
    case .rate(let scope, let within): "events an hour per \(scope) within \(within)"
    case .ewma(let scope, let field, let halfLife):
      "ewma of \(measured(field)) per \(scope) with half-life \(halfLife)"
    case .hourRarity(let scope): "hour rarity per \(scope)"
    case .isNew(let scope, let field): "new \(field) per \(scope)"
    case .history(let scope): "events before per \(scope)"
    case .labelRate(let scope, let within, let after):
      "label rate per \(scope) within \(within) known after \(after)"
    case .sinceLabel(let scope, let after): "seconds since label per \(scope) known after \(after)"
    case .seasonal(let scope, let field, let within):
      "seasonal z of \(measured(field)) per \(scope) within \(within)"
    case .ratio(let above, let below): "ratio of (\(above)) to (\(below))"
    case .minus(let from, let less): "(\(from)) less (\(less))"
    case .calendar(let calendar): "calendar \(calendar.rawValue)"
    case .field(let name): "field \(name)"
    case .equals(let name, let word): "field \(name) = \(quoted(word))"
    }
  }

  private func measured(_ field: String?) -> String { field ?? "the measure" }

  private func filterText(_ filter: [Predicate]) -> String {
    filter.isEmpty ? "" : " where " + filter.map(\.description).joined(separator: " and ")
  }
}

extension EntityScope: CustomStringConvertible {
  package var description: String {
    switch self {
    case .primary: "primary entity"
    case .field(let name): name
    case .pair(let first, let second): "\(first) and \(second)"
    }
  }
}

extension Predicate: CustomStringConvertible {
  package var description: String { "\(name) \(test)" }
}

extension Test: CustomStringConvertible {
  package var description: String {
    switch self {
    case .equals(let value): "= \(value)"
    case .any(let tests): "(" + tests.map(\.description).joined(separator: " or ") + ")"
    case .atLeast(let bound): "at least \(bound)"
    case .atMost(let bound): "at most \(bound)"
    case .multipleOf(let step): "a multiple of \(step)"
    case .above(let bound): "above \(bound)"
    case .below(let bound): "below \(bound)"
    case .between(let low, let high): "between \(low) and \(high)"
    case .matches(let pattern): "matches \(quoted(pattern))"
    case .matchesAnyCase(let pattern): "matches in any case \(quoted(pattern))"
    case .inList(let name): "in list \(quoted(name))"
    case .missing: "missing"
    case .present: "present"
    case .not(let test): "not (\(test))"
    }
  }
}

extension Value: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing: "missing"
    case .number(let x): "\(x)"
    case .text(let text): quoted(text)
    case .flag(let flag): flag ? "true" : "false"
    }
  }
}

private func quoted(_ text: String) -> String {
  var result = "\""
  for character in text.unicodeScalars {
    if character == "\"" || character == "\\" { result += "\\" }
    result.unicodeScalars.append(character)
  }
  return result + "\""
}
