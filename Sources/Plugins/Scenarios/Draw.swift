import Primitives
import Scripting

/// A source of random numbers that Lua functions can share; one thread has it.
final class SharedRandom {
  var random: SeededRandom
  init(_ random: SeededRandom) { self.random = random }
}

/// What a host function says to a script that asked wrongly.
struct Refusal: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension Scenario.Choice {
  /// One value of the range or list.
  func drawn(_ random: inout SeededRandom) -> ScriptValue {
    switch self {
    case .wholeRange(let low, let high): .integer(whole(low, high, &random))
    case .range(let low, let high): .number(random.uniform(low, high))
    case .spanRange(let low, let high):
      .duration(TimeSpan(microseconds: whole(low.microseconds, high.microseconds, &random)))
    case .numbers(let list): number(list[random.below(list.count)])
    case .spans(let list): .duration(list[random.below(list.count)])
    case .texts(let list): .text(list[random.below(list.count)])
    }
  }
}

/// A whole number from low to high, both included.
private func whole(_ low: Int64, _ high: Int64, _ random: inout SeededRandom) -> Int64 {
  let (width, overflow) = high.subtractingReportingOverflow(low)
  if overflow || width == .max {
    // More than half of all numbers are in such a range, so this ends after two draws on average.
    while true {
      let drawn = Int64(bitPattern: random.next())
      if (low...high).contains(drawn) { return drawn }
    }
  }
  return low + Int64(random.below(Int(width) + 1))
}

private func number(_ x: Double) -> ScriptValue {
  Int64(exactly: x).map { .integer($0) } ?? .number(x)
}

/// The functions of `draw`, all from one seed.
struct DrawFunctions {
  let source: SharedRandom

  func functions(under path: String) -> [HostFunction] {
    DrawWord.allCases.map { word in
      HostFunction("\(path).\(word.rawValue)") { try draw(word, $0) }
    }
  }

  private func draw(_ word: DrawWord, _ arguments: [ScriptValue]) throws -> ScriptValue {
    switch word {
    case .uniform:
      if let (low, high) = pair(arguments, \.duration) {
        guard low <= high else { throw Refusal("draw.uniform needs the lower end first") }
        let span = Scenario.Choice.spanRange(low, high)
        return span.drawn(&source.random)
      }
      guard let (low, high) = pair(arguments, \.number), low <= high else {
        throw Refusal("draw.uniform needs two numbers or two durations, the lower first")
      }
      return try finite(source.random.uniform(low, high))
    case .normal:
      if let (mean, deviation) = pair(arguments, \.duration) {
        return try span(
          source.random.normal(mean: mean.seconds, deviation: deviation.seconds))
      }
      guard let (mean, deviation) = pair(arguments, \.number) else {
        throw Refusal("draw.normal needs a mean and a standard deviation")
      }
      return try finite(source.random.normal(mean: mean, deviation: deviation))
    case .exponential:
      if let mean = arguments.first?.duration {
        return try span(source.random.exponential(mean: mean.seconds))
      }
      guard let mean = arguments.first?.number else {
        throw Refusal("draw.exponential needs a mean")
      }
      return try finite(source.random.exponential(mean: mean))
    case .integer:
      guard let (low, high) = pair(arguments, \.integer), low <= high else {
        throw Refusal("draw.integer needs two whole numbers, the lower first")
      }
      return .integer(whole(low, high, &source.random))
    case .choice:
      guard let list = arguments.first?.table?.list, !list.isEmpty else {
        throw Refusal("draw.choice needs a list with at least one value")
      }
      return list[source.random.below(list.count)]
    }
  }

  private func pair<Kind>(
    _ arguments: [ScriptValue], _ part: (ScriptValue) -> Kind?
  ) -> (Kind, Kind)? {
    guard arguments.count >= 2, let first = part(arguments[0]), let second = part(arguments[1])
    else { return nil }
    return (first, second)
  }

  private func finite(_ x: Double) throws -> ScriptValue {
    guard x.isFinite else { throw Refusal("the number drawn is too large") }
    return .number(x)
  }

  private func span(_ seconds: Double) throws -> ScriptValue {
    guard let span = TimeSpan(seconds: seconds) else {
      throw Refusal("the duration drawn is too long")
    }
    return .duration(span)
  }
}
