package import Cases
package import Primitives

/// How often it was seen before and how that ended, for below an alert.
package enum RecurrenceSection {
  package static func print(_ recurrence: Recurrence?, to screen: Screen) {
    guard let recurrence else { return }
    screen.print("\n" + screen.paint("How those before ended", .bold) + "\n\(text(recurrence))")
  }

  package static func text(_ recurrence: Recurrence) -> String {
    if [recurrence.same, recurrence.sameEntity, recurrence.samePattern].allSatisfy({ $0.total == 0 }
    ) {
      return "  There were none: not of this entity, and not of this rule and meaning on others"
    }
    return [
      "  This entity, this rule and meaning: \(words(recurrence.same))",
      "  This entity, otherwise: \(words(recurrence.sameEntity))",
      "  This rule and meaning\(others(recurrence.samePattern)): \(words(recurrence.samePattern))",
    ].joined(separator: "\n")
  }

  /// Alerts without an entity are on nobody.
  private static func others(_ tally: Recurrence.Tally) -> String {
    tally.subjects.isEmpty && tally.total > 0
      ? "" : " on \(named(tally.subjects.count, "other"))"
  }

  /// `12 times, the last at …: 3 true positive, 8 false positive, 1 open`
  private static func words(_ tally: Recurrence.Tally) -> String {
    guard let newest = tally.newest else { return "never before" }
    let ended = AlertFact.Outcome.allCases.compactMap { outcome in
      tally.outcomes[outcome].map { "\(Format.count($0)) \(outcome.words)" }
    }
    let open = tally.open > 0 ? ["\(Format.count(tally.open)) open"] : []
    let times = tally.total == 1 ? "once, at" : "\(Format.count(tally.total)) times, the last at"
    return "\(times) \(newest): \((ended + open).joined(separator: ", "))"
  }

  package static func json(_ recurrence: Recurrence) -> JSONValue {
    [
      "same": json(recurrence.same), "same_entity": json(recurrence.sameEntity),
      "same_pattern": json(recurrence.samePattern),
    ]
  }

  private static func json(_ tally: Recurrence.Tally) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("total", .integer(Int64(tally.total))), .init("open", .integer(Int64(tally.open))),
    ]
    for outcome in AlertFact.Outcome.allCases {
      members.append(.init(outcome.rawValue, .integer(Int64(tally.outcomes[outcome] ?? 0))))
    }
    members.append(.init("newest", tally.newest.map { .text($0.description) } ?? .null))
    members.append(.init("entities", .integer(Int64(tally.subjects.count))))
    return .object(members)
  }
}
