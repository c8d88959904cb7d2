import Detection
import Primitives
import Scripting

/// Reads what a rule waits for over several events:
///
///     sequence = { { kind = "login", outcome = "failure", times = 5 }, { kind = "login", outcome = "success" },
///                  within = 10 * minute, by = "user" },
///     without  = { kind = "password_change" },
///
/// `without` names what must not come between the first event and the last. A sequence of one event with `without` waits
/// for what does not follow, and `flatline = { { kind = "metric" }, within = 6 * hour, by = "series" }` for the next
/// event of the same kind.
struct PatternReader {
  private static let mostSteps = 8

  let reader: TableReader

  /// Nothing where the rule has none, or where it is wrong.
  func pattern() -> EventPattern? {
    let hasFlatline = !reader.table["flatline"].isNil
    if !reader.table["sequence"].isNil {
      if hasFlatline {
        reader.report(
          "two-patterns", at: .name("flatline"),
          "a rule has a 'sequence' or a 'flatline', not both",
          suggestion: "make two rules of it")
        _ = flatline()
      }
      return sequence()
    }
    if !reader.table["without"].isNil {
      reader.report(
        "unused-without", at: .name("without"),
        "'without' belongs to a 'sequence', and there is none",
        suggestion: hasFlatline ? "a flatline needs none" : "write sequence = { … }")
      _ = conditions("without")
    }
    return hasFlatline ? flatline() : nil
  }

  private func sequence() -> EventPattern? {
    let example =
      "{ { kind = \"login\" }, { kind = \"connect\" }, within = 1 * hour, by = \"user\" }"
    guard let inner = reader.inner("sequence", wanted: "a list of steps", example: example) else {
      return nil
    }
    inner.allow(["within", "by"], items: .max)
    let steps = steps(of: inner, takesTimes: true)
    let within = inner.span("within", example: "1 * hour")
    let by = by(inner)
    let without = conditions("without")
    guard let steps, let within, let by, let without else { return nil }
    let events = steps.reduce(0) { $0 + $1.times }
    if events > EventPattern.mostEvents {
      inner.report(
        "long-sequence",
        "\(events) events, and \(EventPattern.mostEvents) are allowed",
        suggestion: "count them with a feature: count { within = … }")
      return nil
    }
    if events >= 2 {
      return .sequence(
        EventPattern.Sequence(steps: steps, within: within, by: by, without: without))
    }
    if without.isEmpty {
      inner.report(
        "short-sequence", "one event is no sequence",
        suggestion: "add a step, or say with 'without' what must follow it and does not")
      return nil
    }
    return .absence(
      EventPattern.Absence(of: without, after: steps[0].conditions, within: within, by: by))
  }

  private func flatline() -> EventPattern? {
    guard let inner = reader.inner("flatline", wanted: "a table with one step") else { return nil }
    inner.allow(["within", "by", "after", "known_for"], items: 1)
    let steps = steps(of: inner, takesTimes: false)
    let within = inner.span("within", example: "6 * hour")
    let by = by(inner)
    let after = whole(inner, "after", 1...1_000_000)
    var knownFor: TimeSpan? = .zero
    if !inner.table["known_for"].isNil { knownFor = inner.span("known_for", example: "7 * day") }
    guard let steps, steps.count == 1, let within, let by, let after, let knownFor else {
      return nil
    }
    return .absence(
      EventPattern.Absence(
        of: steps[0].conditions, after: steps[0].conditions, within: within, by: by,
        afterEvents: after, afterSpan: knownFor))
  }

  private func steps(of inner: TableReader, takesTimes: Bool) -> [EventPattern.Step]? {
    let items = inner.table.list
    guard (1...PatternReader.mostSteps).contains(items.count) else {
      inner.report(
        "wrong-count", items.isEmpty ? "no steps" : "\(items.count) steps, and 8 are allowed",
        suggestion: items.isEmpty ? "write { kind = \"login\" }" : nil)
      return nil
    }
    let steps = items.enumerated().map { index, item -> EventPattern.Step? in
      guard let table = item.table, Declared.word(item) == nil else {
        inner.wrongType(.index(index + 1), item, wanted: "a step, which is a table of conditions")
        return nil
      }
      let step = inner.below(.index(index + 1), table)
      let times = takesTimes ? whole(step, "times", 1...EventPattern.mostEvents) : 1
      let conditions = PredicateReader(step, scope: .event).predicates(
        in: step, except: takesTimes ? ["times"] : [])
      if conditions.isEmpty, table.named.allSatisfy({ $0.name == "times" }) {
        inner.report(
          "empty-step", at: .index(index + 1), "step \(index + 1) has no conditions",
          suggestion: "write { kind = \"login\" }")
        return nil
      }
      return times.map { EventPattern.Step(conditions, times: $0) }
    }
    return steps.contains { $0 == nil } ? nil : steps.compactMap { $0 }
  }

  /// The conditions under a key of the rule; empty where it has none, nothing where one of them is wrong.
  private func conditions(_ key: String) -> [Predicate]? {
    if reader.table[key].isNil { return [] }
    let named = reader.table[key].table?.named.count ?? 0
    let read = PredicateReader(reader, scope: .event).predicates(key)
    if read.isEmpty, named == 0, reader.table[key].table != nil {
      reader.report(
        "empty-step", at: .name(key), "'\(key)' has no conditions",
        suggestion: "write \(key) = { kind = \"logoff\" }")
    }
    return read.count == named && named > 0 ? read : nil
  }

  /// The entity: `by`, or else the rule's `per`.
  private func by(_ inner: TableReader) -> String? {
    let per = reader.table["per"].text
    guard let by = inner.text("by") else {
      if let per { return per }
      if inner.table["by"].isNil {
        inner.report(
          "missing-key", "'by' is missing: whose events are they?",
          suggestion: "write by = \"user\"")
      }
      return nil
    }
    guard inner.checkField(by, at: .name("by"), wantsText: true) else { return nil }
    if let per, per != by {
      inner.report(
        "two-entities", at: .name("by"),
        "goes by \(quoted(by)), and the rule is per \(quoted(per))",
        suggestion: "name one of them")
      return nil
    }
    return by
  }

  /// A whole number; 1 where there is none, nothing where it is wrong.
  private func whole(_ inner: TableReader, _ key: String, _ range: ClosedRange<Int>) -> Int? {
    let value = inner.table[key]
    if value.isNil { return 1 }
    if let number = value.integer, let whole = Int(exactly: number), range.contains(whole) {
      return whole
    }
    inner.report(
      "bad-count", at: .name(key),
      "'\(key)' must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }
}
