import Glibc

/// Finds what is unusual in one series of numbers, value by value, from its past alone.
///
/// Of each value 19 aspects are taken: levels, changes and spreads of the last 1 to 64 values, the distance from what is
/// usual at this hour of the week, where the last values rank among all earlier ones, and how long it stood still. How surprising each is comes
/// from the tail of its own past; the surprises, decimal logarithms of probabilities, add up as in Fisher's method.
/// A sum is then held against how young the series is, what was said a moment ago and how often such was said before:
/// the first value of a burst scores, the rest of it does not, and what happens every day stops being news.
///
/// One pass, no look-ahead; about 40 KB a series whatever its length. The first 100 values score 0.
package struct SeriesDetector: Sendable {
  /// How unusual one value is, and in what.
  package struct Verdict: Sendable {
    /// 0 to 1, rising with surprise; 0 for the usual, 0.5 where an alarm is worth its cost, and never 1.
    package var score: Double
    /// Whether the series is too young for its score to raise an alarm.
    package var isOnProbation: Bool
    /// What surprised most; missing where nothing did.
    package var cause: Cause?
  }

  /// The aspect that surprised most.
  package struct Cause: Sendable {
    package var aspect: SeriesAspect
    package var value: Double
    package var isHigh: Bool
    /// Earlier values of the series at which the aspect was as far out; none beyond `TailSketch.capacity`.
    package var asFar: Int
    /// Earlier values at which the aspect was known.
    package var earlier: Int
    /// What is usual at this hour, where the aspect is the season.
    package var expected: Double?
    /// Equal values in a row, this one included, where the aspect is that the series stands still.
    package var length = 0

    package init(
      aspect: SeriesAspect, value: Double, isHigh: Bool, asFar: Int, earlier: Int,
      expected: Double? = nil, length: Int = 0
    ) {
      self.aspect = aspect
      self.value = value
      self.isHigh = isHigh
      self.asFar = asFar
      self.earlier = earlier
      self.expected = expected
      self.length = length
    }
  }

  private struct Watch {
    let aspect: SeriesAspect
    let weight: Double
    var high = TailSketch()
    var low = TailSketch()

    /// Whether the aspect is in ranks, 0 to 1, and not in the unit of the values.
    var isOfRanks: Bool {
      switch aspect {
      case .standing, .mixture: true
      case .level, .change, .spread, .season, .still: false
      }
    }
  }

  /// Larger numbers count as this: their squares must not overflow.
  private static let largest = 1e150

  private let parameters: SeriesParameters
  private var watches: [Watch]
  private var aspects = [Double](repeating: .nan, count: SeriesAspect.all.count)
  private var still = RunOfEquals()
  private var recent = RecentValues()
  private var recentRanks = RecentValues()
  private var ranks = RankSketch()
  private var profile = SeasonProfile()
  private var memory: SurpriseMemory
  private var seen = 0
  private var widest = 0.0

  package init(_ parameters: SeriesParameters = .standard) {
    self.parameters = parameters
    watches = SeriesAspect.all.map { Watch(aspect: $0, weight: parameters.weight($0)) }
    memory = SurpriseMemory(parameters)
  }

  /// - Parameters:
  ///   - value: NaN where missing, which is passed over.
  ///   - seconds: its time on the series' own clock, since the epoch.
  /// - Returns: nothing where the value is missing.
  package mutating func observe(_ value: Double, at seconds: Int64) -> Verdict? {
    if value.isNaN { return nil }
    let value = min(max(value, -SeriesDetector.largest), SeriesDetector.largest)
    widest = max(widest, abs(value))
    still.add(value)
    recent.add(value)
    recentRanks.add(ranks.rank(adding: value))
    let expected = profile.expected(at: seconds, adding: value)

    measure(less: expected.map { value - $0 })

    let isReady = seen >= parameters.warmUp
    // Sums of equal values differ by rounding; that is no news.
    let grain = 1e-9 * widest
    var sum = 0.0
    var most = 0.0
    var cause: (place: Int, isHigh: Bool)?
    for place in watches.indices where !aspects[place].isNaN {
      let aspect = aspects[place]
      if isReady {
        let grain = watches[place].isOfRanks ? 1e-9 : grain
        let high = watches[place].high.surprise(of: aspect, grain: grain)
        let low = watches[place].low.surprise(of: -aspect, grain: grain)
        let surprise = watches[place].weight * max(high, low)
        sum += surprise
        if surprise > most {
          most = surprise
          cause = (place, high >= low)
        }
      }
      watches[place].high.add(aspect)
      watches[place].low.add(-aspect)
    }
    var isStill = false
    if isReady {
      let surprise = parameters.still * still.surprise
      sum += surprise
      if surprise > most { isStill = true }
    }
    let left = memory.heard(sum, at: seen)
    let score = left / (left + parameters.alarm)
    var verdict = Verdict(score: score, isOnProbation: seen < parameters.probation)
    if score > 0, isStill {
      verdict.cause = Cause(
        aspect: .still, value: value, isHigh: true, asFar: 0, earlier: seen,
        length: still.length + 1)
    } else if score > 0, let cause {
      let watch = watches[cause.place]
      let aspect = aspects[cause.place]
      let side = cause.isHigh ? watch.high : watch.low
      // The value itself is held by now.
      verdict.cause = Cause(
        aspect: watch.aspect, value: aspect, isHigh: cause.isHigh,
        asFar: side.reached(by: cause.isHigh ? aspect : -aspect) - 1,
        earlier: side.count - 1, expected: watch.aspect == .season ? expected : nil)
    }
    seen += 1
    return verdict
  }

  /// Fills `aspects` in the order of `SeriesAspect.all`; what is not known is NaN.
  private mutating func measure(less season: Double?) {
    let spans = RecentValues.spans.count
    for place in 0..<spans {
      let shape = recent.shape(RecentValues.spans[place])
      aspects[place] = shape.mean
      aspects[spans + place] = shape.change
      if place == 0 { continue }
      aspects[2 * spans + place - 1] = shape.deviation
      let ranked = recentRanks.shape(RecentValues.spans[place])
      aspects[3 * spans + place - 1] = ranked.mean
      aspects[4 * spans + place - 2] = ranked.deviation
    }
    aspects[3 * spans - 1] = season ?? .nan
  }

  /// Of a detector with the same parameters.
  mutating func code(_ coder: inout StateCoder) {
    for place in watches.indices {
      watches[place].high.code(&coder)
      watches[place].low.code(&coder)
    }
    still.code(&coder)
    recent.code(&coder)
    recentRanks.code(&coder)
    ranks.code(&coder)
    profile.code(&coder)
    memory.code(&coder)
    coder.whole(&seen, in: 0...StateCoder.most)
    coder.number(&widest)
  }
}
