import Detection
import Glibc
import Plugins
import Primitives

/// What a condition saw, in words.
enum MissWords {
  static func text(_ value: Value) -> String {
    switch value {
    case .missing: "missing"
    case .number(let x): Format.number(x, atMost: 6)
    case .text(let text): "\"\(text)\""
    case .flag(let flag): "\(flag)"
    }
  }

  /// The value that a condition of a rule saw: a length of time in words.
  static func value(_ seen: CompiledCondition.Seen, of rule: Rule) -> String {
    if case .number(let x) = seen.value { return number(x, isTime(seen, rule)) }
    return text(seen.value)
  }

  /// `silence at least 4 days`
  static func test(_ seen: CompiledCondition.Seen, of rule: Rule) -> String {
    "\(seen.predicate.name) \(words(seen.predicate.test, isTime(seen, rule)))"
  }

  /// `on: kind = "login" does not hold, it is "logoff"`.
  static func sentence(
    _ part: String, _ seen: CompiledCondition.Seen, of rule: Rule
  ) -> String {
    "\(part): \(self.seen(seen, of: rule))"
  }

  static func seen(_ seen: CompiledCondition.Seen, of rule: Rule) -> String {
    "\(test(seen, of: rule)) does not hold, it is \(value(seen, of: rule))\(distance(seen, rule))"
  }

  /// How far off a number is: `, 3 short` or `, 2.5 too much`.
  private static func distance(_ seen: CompiledCondition.Seen, _ rule: Rule) -> String {
    guard let missing = seen.predicate.test.shortfall(of: seen.value) else { return "" }
    if missing == 0 { return ", just at the bound" }
    let amount = number(abs(missing), isTime(seen, rule))
    return missing > 0 ? ", \(amount) short" : ", \(amount) too much"
  }

  /// Whether the feature that is looked at is a length of time, in seconds.
  private static func isTime(_ seen: CompiledCondition.Seen, _ rule: Rule) -> Bool {
    rule.features.contains {
      $0.name == seen.predicate.name && $0.words.unit == FeatureWords.seconds
    }
  }

  private static func words(_ test: Test, _ isTime: Bool) -> String {
    switch test {
    case .equals(.number(let x)): "= \(number(x, isTime))"
    case .atLeast(let x): "at least \(number(x, isTime))"
    case .atMost(let x): "at most \(number(x, isTime))"
    case .above(let x): "above \(number(x, isTime))"
    case .below(let x): "below \(number(x, isTime))"
    case .between(let low, let high):
      "between \(number(low, isTime)) and \(number(high, isTime))"
    case .multipleOf(let x): "a multiple of \(number(x, isTime))"
    default: "= \(test.written)"
    }
  }

  private static func number(_ x: Double, _ isTime: Bool) -> String {
    isTime ? span(x) : Format.number(x, atMost: 6)
  }

  /// `3 days 2 hours`, rounded to the smaller of two units; `0.5 seconds`.
  static func span(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e15 else { return "\(seconds) seconds" }
    let sign = seconds < 0 ? "-" : ""
    if abs(seconds) < 60 { return counted(Format.number(seconds, atMost: 3), "second") }
    let units: [(size: Double, name: String)] = [
      (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"),
    ]
    let largest = units.firstIndex { abs(seconds) >= $0.size } ?? 3
    let smaller = min(largest + 1, 3)
    var rest = (abs(seconds) / units[smaller].size).rounded() * units[smaller].size
    var parts: [String] = []
    for unit in units.prefix(smaller + 1) {
      let amount = (rest / unit.size).rounded(.down)
      rest -= amount * unit.size
      if amount > 0 { parts.append(counted(Format.number(amount, atMost: 0), unit.name)) }
    }
    return sign + parts.joined(separator: " ")
  }

  private static func counted(_ number: String, _ unit: String) -> String {
    "\(number) \(unit)\(number == "1" ? "" : "s")"
  }
}

extension Test {
  /// As the author of a rule writes it: `not_ { "-", "::1" }`, `in_list "vips"`, `{ "a", missing }`.
  fileprivate var written: String {
    func number(_ x: Double) -> String { Format.number(x, atMost: 6).replacing(",", with: "") }
    switch self {
    case .equals(let value): return MissWords.text(value)
    case .any(let tests): return "{ \(tests.map(\.written).joined(separator: ", ")) }"
    case .atLeast(let x): return "at_least(\(number(x)))"
    case .atMost(let x): return "at_most(\(number(x)))"
    case .above(let x): return "above(\(number(x)))"
    case .below(let x): return "below(\(number(x)))"
    case .between(let low, let high): return "between(\(number(low)), \(number(high)))"
    case .multipleOf(let x): return "multiple_of(\(number(x)))"
    case .matches(let pattern): return "matches \(MissWords.text(.text(pattern)))"
    case .matchesAnyCase(let pattern): return "matches_any_case \(MissWords.text(.text(pattern)))"
    case .inList(let name): return "in_list \(MissWords.text(.text(name)))"
    case .missing: return "missing"
    case .present: return "present"
    case .not(let test):
      let inner = test.written
      let isBare = inner.hasPrefix("\"") || inner.hasPrefix("{")
      return isBare ? "not_ \(inner)" : "not_(\(inner))"
    }
  }
}
