import Detection
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

  /// `on: kind = "login" does not hold, it is "logoff"`.
  static func sentence(_ part: String, _ seen: CompiledCondition.Seen) -> String {
    "\(part): \(self.seen(seen))"
  }

  static func seen(_ seen: CompiledCondition.Seen) -> String {
    "\(seen.predicate) does not hold, it is \(text(seen.value))\(distance(seen))"
  }

  /// How far off a number is: `, 3 short` or `, 2.5 too much`.
  private static func distance(_ seen: CompiledCondition.Seen) -> String {
    guard let missing = seen.predicate.test.shortfall(of: seen.value) else { return "" }
    if missing == 0 { return ", just at the bound" }
    let amount = Format.number(abs(missing), atMost: 6)
    return missing > 0 ? ", \(amount) short" : ", \(amount) too much"
  }
}
