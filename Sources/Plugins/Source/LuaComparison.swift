import Detection
import Glibc
import Primitives

/// One part of a condition that could not be taken away without changing what came of it: two sides that were compared, or
/// one that is there or not.
package struct LuaComparison: Hashable, Sendable {
  package struct Side: Hashable, Sendable {
    package var expression: LuaExpression
    package var worth: LuaWorth
  }

  package var left: Side
  /// `<`, `==`, …; empty where only one side is asked for.
  package var mark: String
  package var right: Side?
  /// What came of it; missing where that is not known.
  package var held: Bool?

  /// The parts of a condition that made it come out as it did, in the order in which they are looked at.
  static func parts(
    of condition: LuaExpression, came: Bool, _ scope: LuaScope
  ) -> [LuaComparison] {
    switch condition {
    case .nothing, .flag, .number, .text, .other: return []
    case .unary("not", let inner): return parts(of: inner, came: !came, scope)
    case .binary("and", let a, let b): return joined(a, b, came: came, needsBoth: came, scope)
    case .binary("or", let a, let b): return joined(a, b, came: came, needsBoth: !came, scope)
    default: return [LuaComparison(condition, held: came, scope)]
    }
  }

  /// - Parameter needsBoth: whether both came out that way; else the first that did decided, and what follows was not asked.
  private static func joined(
    _ a: LuaExpression, _ b: LuaExpression, came: Bool, needsBoth: Bool, _ scope: LuaScope
  ) -> [LuaComparison] {
    if needsBoth { return parts(of: a, came: came, scope) + parts(of: b, came: came, scope) }
    let (first, second) = (scope.worth(a).holds, scope.worth(b).holds)
    if first == came { return parts(of: a, came: came, scope) }
    if first == !came { return parts(of: b, came: came, scope) }
    if second == !came { return parts(of: a, came: came, scope) }
    let rest =
      second == came
      ? parts(of: b, came: came, scope) : [LuaComparison(b, held: nil, scope)]
    return [LuaComparison(a, held: nil, scope)] + rest
  }

  private init(_ expression: LuaExpression, held: Bool?, _ scope: LuaScope) {
    func side(_ expression: LuaExpression) -> Side {
      Side(expression: expression, worth: scope.worth(expression))
    }
    if case .binary(let mark, let a, let b) = expression, LuaExpression.comparisons.contains(mark) {
      // What is asked of a number stands on the right, whichever way round it was written.
      let turned = ["<": ">", ">": "<", "<=": ">=", ">=": "<="][mark] ?? mark
      let isTurned = a.isConstant && !b.isConstant
      (left, right) = isTurned ? (side(b), side(a)) : (side(a), side(b))
      self.mark = isTurned ? turned : mark
    } else {
      (left, right, mark) = (side(expression), nil, "")
    }
    self.held = held
  }
}

extension LuaExpression {
  var isConstant: Bool {
    switch self {
    case .nothing, .flag, .number, .text: true
    default: false
    }
  }

  /// Without what stands in for a missing value: `f.x` of `f.x or 0`.
  package var withoutDefault: LuaExpression {
    if case .binary("or", let value, let instead) = self, instead.isConstant { return value }
    return self
  }
}

extension LuaComparison {
  private static let opposite = [
    "<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "~=", "~=": "==",
  ]
  private static let words = ["<": "below", "<=": "at most", ">": "over", ">=": "at least"]

  /// What would have to be added to the left side to reach the bound of what did not hold; missing where it is no number.
  package var distance: Double? {
    guard LuaComparison.words[mark] != nil, held != nil else { return nil }
    switch (left.worth, right?.worth) {
    case (.number(let x), .number(let y)?) where (y - x).isFinite: return y - x
    case (.span(let x), .span(let y)?): return y.seconds - x.seconds
    default: return nil
    }
  }

  /// What came true of it: `at least 2 * mean = 940.2`; missing where nothing was compared or it is not known.
  ///
  /// - Parameter hiding: names that are left out before their members.
  package func bound(hiding names: Set<String>) -> String? {
    guard let held, let right, let own = held ? mark : LuaComparison.opposite[mark],
      let word = LuaComparison.words[own], let bound = right.words(names, isRounded: true)
    else { return nil }
    return "\(word) \(bound)"
  }

  /// What did not hold, with how far off: `amount 812.5 is not over 2 * mean = 940.2: 127.7 too low`.
  ///
  /// - Parameter hiding: names that are left out before their members.
  package func failure(hiding names: Set<String>) -> String {
    func text(_ side: Side) -> String { side.expression.text(hiding: names) }
    guard let held else { return "\(written(names)), which cannot be looked into" }
    guard let right else {
      if left.worth == .unknown { return "\(text(left)) \(held ? "holds" : "does not hold")" }
      return
        "\(left.expression.withoutDefault.text(hiding: names)) is \(LuaComparison.words(left.worth))"
    }
    guard left.worth != .unknown, right.worth != .unknown else {
      return "\(written(names)) \(held ? "holds" : "does not hold")"
    }
    let value = left.shown(names)
    let bound = right.words(names) ?? text(right)
    let wanted = held ? LuaComparison.opposite[mark] ?? mark : mark
    if wanted == "~=" { return "\(text(left)) is \(bound)" }
    guard let word = LuaComparison.words[wanted] else { return "\(value) is not \(bound)" }
    return "\(value) is not \(word) \(bound)\(farOff)"
  }

  /// As the author wrote it.
  package func written(_ names: Set<String>) -> String {
    let first = left.expression.text(hiding: names)
    return right.map { "\(first) \(mark) \($0.expression.text(hiding: names))" } ?? first
  }

  private var farOff: String {
    guard let distance else { return "" }
    if distance == 0 { return ", just at the bound" }
    var amount = Format.number(abs(distance), atMost: 6)
    if case .span = left.worth, let span = TimeSpan(seconds: abs(distance)) {
      amount = Format.span(span)
    }
    return ": \(amount) too \(distance > 0 ? "low" : "high")"
  }

  package static func words(_ worth: LuaWorth) -> String {
    switch worth {
    case .nothing: "missing"
    case .flag(let flag): "\(flag)"
    case .number(let x): Format.number(x, atMost: 6)
    case .text(let text): "\"\(text)\""
    case .span(let span): Format.span(span)
    case .moment(let time): time.description
    case .table: "a table"
    case .unknown: "not known"
    }
  }
}

extension LuaComparison.Side {
  /// `amount 812.5`, `recent - before = 3`, `change_1h missing, taken as 0`
  fileprivate func shown(_ names: Set<String>) -> String {
    let value = LuaComparison.words(worth)
    let own = expression.withoutDefault
    if own != expression, case .binary("or", _, let instead) = expression,
      worth == LuaScope(variables: [:]).worth(instead)
    {
      return "\(own.text(hiding: names)) (missing or \(value), taken as \(value))"
    }
    switch own {
    case .name, .member: return "\(own.text(hiding: names)) \(value)"
    case _ where own.isConstant: return value
    default: return "\(own.text(hiding: names)) = \(value)"
    }
  }

  /// `2 * mean = 940.2`, `12`; missing where it is not known.
  ///
  /// - Parameter isRounded: to four figures, for those who only want to know about how much.
  fileprivate func words(_ names: Set<String>, isRounded: Bool = false) -> String? {
    if worth == .unknown { return nil }
    var value = LuaComparison.words(worth)
    if isRounded, case .number(let x) = worth, x.isFinite, x != 0 {
      let places = 3 - Int(log10(abs(x)).rounded(.down))
      value = Format.number(x, atMost: min(max(places, 0), 9))
    }
    if expression.isConstant { return value }
    let text = expression.withoutDefault.text(hiding: names)
    return text == value ? value : "\(text) = \(value)"
  }
}
