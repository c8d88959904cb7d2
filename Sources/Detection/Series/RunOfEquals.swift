import Glibc

/// How long a series has not moved at all, and how surprising that is.
///
/// Where each value repeats the one before it with the same chance, a run of r repeats has the chance p^r. Runs that come
/// in clumps are longer than that, so where the series has had sixteen runs their own tail has the say if it is calmer.
struct RunOfEquals: Sendable {
  private static let runsNeeded = 16
  private static let mostSurprise = 12.0
  /// Shorter runs are no news: told bit by bit, they would take the edge off the one that is.
  private static let leastSurprise = 6.0

  private var last = Double.nan
  private(set) var length = 0
  private var repeats = 0.0
  private var values = 0.0
  private var runs = TailSketch()

  mutating func add(_ value: Double) {
    if value == last {
      length += 1
      repeats += 1
    } else {
      if length > 0 { runs.add(Double(length)) }
      length = 0
    }
    last = value
    values += 1
  }

  /// Minus the decimal logarithm of the chance of the run at hand.
  var surprise: Double {
    if length == 0 { return 0 }
    // Of all values but the first, as if one more had been a repeat.
    let chance = (repeats + 1) / values
    var surprise = min(RunOfEquals.mostSurprise, -log10(chance) * Double(length))
    if runs.count >= RunOfEquals.runsNeeded {
      surprise = min(surprise, runs.surprise(of: Double(length), grain: 0.5))
    }
    return surprise < RunOfEquals.leastSurprise ? 0 : surprise
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.number(&last)
    coder.whole(&length, in: 0...StateCoder.most)
    coder.number(&repeats)
    coder.number(&values)
    runs.code(&coder)
  }
}
