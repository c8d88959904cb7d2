import Glibc
package import Primitives
package import Scripting

/// What an expression is worth, as far as it can be known without running anything of a plugin.
package enum LuaWorth: Hashable, Sendable {
  case nothing
  case flag(Bool)
  case number(Double)
  case text(String)
  case span(TimeSpan)
  case moment(Timestamp)
  case table([String: LuaWorth])
  /// It takes a call, or a value that nobody can look into.
  case unknown

  /// Of a variable as a line that was about to run saw it: functions and objects come as their names.
  package init(_ value: ScriptValue) {
    switch value {
    case .nil: self = .nothing
    case .flag(let flag): self = .flag(flag)
    case .integer(let n): self = .number(Double(n))
    case .number(let x): self = .number(x)
    case .text(let text): self = .text(text)
    case .duration(let span): self = .span(span)
    case .time(let time): self = .moment(time)
    case .table(let table):
      self = .table(
        Dictionary(
          table.named.map { ($0.name, LuaWorth($0.value)) }, uniquingKeysWith: { _, last in last }))
    case .function, .object: self = .unknown
    }
  }

  /// Whether a condition takes it for true; missing where it is not known.
  package var holds: Bool? {
    switch self {
    case .nothing, .flag(false): false
    case .unknown: nil
    default: true
    }
  }

  var number: Double? { if case .number(let x) = self { x } else { nil } }
}

/// What the names in a function stood for when it stopped at a line.
package struct LuaScope {
  package var variables: [String: LuaWorth]
  /// A member of a name that is no variable of its own to look into: a field of the event, a feature.
  package var member: (_ object: String, _ name: String) -> LuaWorth

  package init(
    variables: [String: LuaWorth],
    member: @escaping (String, String) -> LuaWorth = { _, _ in .unknown }
  ) {
    self.variables = variables
    self.member = member
  }

  private static let spans: [String: TimeSpan] = [
    "second": .seconds(1), "minute": .minutes(1), "hour": .hours(1), "day": .days(1),
  ]

  /// Nothing of the plugin runs: of functions only those of arithmetic are known, where no variable hides them.
  package func worth(_ expression: LuaExpression) -> LuaWorth {
    switch expression {
    case .nothing: return .nothing
    case .flag(let flag): return .flag(flag)
    case .number(let x): return .number(x)
    case .text(let text): return .text(text)
    case .name(let name):
      return variables[name] ?? LuaScope.spans[name].map { .span($0) } ?? .unknown
    case .member(.name("math"), "huge") where variables["math"] == nil: return .number(.infinity)
    case .member(.name(let object), let name):
      switch variables[object] {
      case .table(let members)?: return members[name] ?? .unknown
      case nil: return member(object, name)
      default: return .unknown
      }
    case .member(let table, let name):
      if case .table(let members) = worth(table) { return members[name] ?? .unknown }
      return .unknown
    case .call(.member(.name("math"), let function), let arguments)
    where variables["math"] == nil:
      return LuaScope.math(function, arguments.map { worth($0) })
    case .unary("not", let inner): return worth(inner).holds.map { .flag(!$0) } ?? .unknown
    case .unary("-", let inner): return worth(inner).number.map { .number(-$0) } ?? .unknown
    case .unary("#", let inner):
      if case .text(let text) = worth(inner) { return .number(Double(text.utf8.count)) }
      return .unknown
    case .binary("and", let a, let b):
      let first = worth(a)
      return first.holds.map { $0 ? worth(b) : first } ?? .unknown
    case .binary("or", let a, let b):
      let first = worth(a)
      return first.holds.map { $0 ? first : worth(b) } ?? .unknown
    case .binary(let mark, let a, let b):
      return LuaScope.operation(mark, worth(a), worth(b))
    case .index, .call, .method, .unary, .other: return .unknown
    }
  }

  private static func math(_ function: String, _ arguments: [LuaWorth]) -> LuaWorth {
    let numbers = arguments.compactMap(\.number)
    guard numbers.count == arguments.count, let first = numbers.first else { return .unknown }
    return switch function {
    case "max": .number(numbers.max() ?? first)
    case "min": .number(numbers.min() ?? first)
    case "abs": .number(abs(first))
    case "floor": .number(first.rounded(.down))
    case "ceil": .number(first.rounded(.up))
    case "sqrt": .number(first.squareRoot())
    default: .unknown
    }
  }

  private static func operation(_ mark: String, _ a: LuaWorth, _ b: LuaWorth) -> LuaWorth {
    if a == .unknown || b == .unknown { return .unknown }
    switch mark {
    case "==": return .flag(a == b)
    case "~=": return .flag(a != b)
    case "<": return order(a, b).map { .flag($0 < 0) } ?? .unknown
    case "<=": return order(a, b).map { .flag($0 <= 0) } ?? .unknown
    case ">": return order(a, b).map { .flag($0 > 0) } ?? .unknown
    case ">=": return order(a, b).map { .flag($0 >= 0) } ?? .unknown
    default: break
    }
    switch (a, b) {
    case (.number(let x), .number(let y)):
      return arithmetic(mark, x, y).map { .number($0) } ?? .unknown
    case (.span(let span), .number(let x)), (.number(let x), .span(let span)):
      if mark == "*" { return TimeSpan(seconds: span.seconds * x).map { .span($0) } ?? .unknown }
      if mark == "/", case .span = a {
        return TimeSpan(seconds: span.seconds / x).map { .span($0) } ?? .unknown
      }
      return .unknown
    case (.span(let x), .span(let y)) where mark == "/": return .number(x.seconds / y.seconds)
    case (.moment(let x), .moment(let y)) where mark == "-": return .span(x - y)
    case (.moment(let x), .span(let y)) where mark == "+": return .moment(x + y)
    case (.moment(let x), .span(let y)) where mark == "-": return .moment(x - y)
    case (.span(let x), .span(let y)) where mark == "+" || mark == "-":
      let sum = mark == "+" ? x.seconds + y.seconds : x.seconds - y.seconds
      return TimeSpan(seconds: sum).map { .span($0) } ?? .unknown
    default: return .unknown
    }
  }

  private static func arithmetic(_ mark: String, _ x: Double, _ y: Double) -> Double? {
    switch mark {
    case "+": x + y
    case "-": x - y
    case "*": x * y
    case "/": x / y
    case "//": (x / y).rounded(.down)
    case "%": y == 0 ? .nan : x - (x / y).rounded(.down) * y
    case "^": pow(x, y)
    default: nil
    }
  }

  /// Below 0, 0 or above 0; missing where the two cannot be compared.
  private static func order(_ a: LuaWorth, _ b: LuaWorth) -> Int? {
    func sign<T: Comparable>(_ x: T, _ y: T) -> Int { x < y ? -1 : x > y ? 1 : 0 }
    return switch (a, b) {
    case (.number(let x), .number(let y)): x.isNaN || y.isNaN ? nil : sign(x, y)
    case (.span(let x), .span(let y)): sign(x, y)
    case (.moment(let x), .moment(let y)): sign(x, y)
    case (.text(let x), .text(let y)):
      x.utf8.elementsEqual(y.utf8) ? 0 : x.utf8.lexicographicallyPrecedes(y.utf8) ? -1 : 1
    default: nil
    }
  }
}
