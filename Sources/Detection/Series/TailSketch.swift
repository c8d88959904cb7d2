import Glibc

/// The largest of all values seen, and how far above them a further value stands.
///
/// Holds the 64 largest values and the count of all: constant memory, exact for any stream. What lies above them is
/// judged by peaks over threshold: a generalised Pareto distribution fitted by moments to the excesses over the 16th,
/// 32nd and 64th largest (Hosking and Wallis, 1987), the three answers averaged so that no single depth decides.
struct TailSketch: Sendable {
  static let capacity = 64
  private static let depths = [16, 32, 64]
  /// No value is more surprising than one in 10^12: beyond that the fit says nothing.
  private static let mostSurprise = 12.0
  /// The shape beyond which the fitted tail would have no variance; 0.5 is the limit of the method of moments.
  private static let heaviestShape = 0.45
  /// The shape below which the fitted tail ends too close to the largest value seen.
  private static let lightestShape = -0.3

  /// Ascending.
  private var largest: [Double] = []
  private(set) var count = 0

  init() { largest.reserveCapacity(TailSketch.capacity) }

  mutating func add(_ value: Double) {
    count += 1
    if largest.count < TailSketch.capacity {
      var place = largest.count
      largest.append(value)
      while place > 0 && largest[place - 1] > value {
        largest[place] = largest[place - 1]
        place -= 1
      }
      largest[place] = value
      return
    }
    if value <= largest[0] { return }
    var place = 0
    while place + 1 < TailSketch.capacity && largest[place + 1] < value {
      largest[place] = largest[place + 1]
      place += 1
    }
    largest[place] = value
  }

  /// Minus the decimal logarithm of the probability of a value this large; 0 where it is not among the largest.
  ///
  /// - Parameter grain: a difference too small to mean anything, in the values' unit.
  func surprise(of value: Double, grain: Double) -> Double {
    let held = largest.count
    guard held >= TailSketch.depths[0], value > largest[0] + grain else { return 0 }
    var sum = 0.0
    for depth in TailSketch.depths where held >= depth {
      sum += surprise(of: value, depth: depth, grain: grain)
    }
    return sum / Double(TailSketch.depths.count)
  }

  private func surprise(of value: Double, depth: Int, grain: Double) -> Double {
    let first = largest.count - depth
    let threshold = largest[first]
    if value <= threshold + grain { return 0 }
    var sum = 0.0
    for place in first..<largest.count { sum += largest[place] - threshold }
    let mean = sum / Double(depth)
    let reached = log10((Double(count) + 1) / Double(depth))
    if mean <= grain { return TailSketch.mostSurprise }
    var squares = 0.0
    for place in first..<largest.count {
      let deviation = largest[place] - threshold - mean
      squares += deviation * deviation
    }
    let variance = squares / Double(depth)
    var shape = 0.0
    if variance > 0 {
      shape = min(
        max(0.5 * (1 - mean * mean / variance), TailSketch.lightestShape),
        TailSketch.heaviestShape)
    }
    let excess = (value - threshold) / (mean * (1 - shape))
    let beyond: Double
    if abs(shape) < 1e-3 {
      beyond = excess / 2.302_585_092_994_046
    } else {
      let base = 1 + shape * excess
      // A tail with an end: the value lies past it.
      if base <= 1e-9 { return TailSketch.mostSurprise }
      beyond = log10(base) / shape
    }
    let surprise = reached + beyond
    return surprise < TailSketch.mostSurprise ? surprise : TailSketch.mostSurprise
  }

  /// How many of the held values are at least this large: none for a new extreme.
  func reached(by value: Double) -> Int {
    var above = 0
    var place = largest.count - 1
    while place >= 0 && largest[place] >= value {
      above += 1
      place -= 1
    }
    return above
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.whole(&count, in: 0...StateCoder.most)
    coder.numbers(&largest, upTo: TailSketch.capacity)
  }
}
