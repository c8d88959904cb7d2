/// How much each aspect of a series counts, and how soon what was said is said again.
///
/// One set serves all series. How it was chosen, and what it scores where it was not chosen:
/// docs/decisions/2026-11-21-series-detector.md.
package struct SeriesParameters: Sendable {
  /// Weights of surprises against that of a level, which is 1.
  var change = 0.53
  var spread = 0.53
  var season = 1.93
  var standing = 0.52
  var mixture = 0.52
  var still = 2.0
  /// Values that must have been seen before any surprise counts.
  var warmUp = 100
  /// Values that must have been seen before a score raises an alarm: about what the benchmark leaves unjudged.
  var probation = 300
  /// A series of so many values is trusted by √½.
  var youth = 300.0
  /// Values for which a surprise silences lesser ones.
  var rest = 52
  /// How many times as large a surprise must be to be heard during the rest.
  var louder = 1.62
  /// Values over which past surprises are forgotten, to 1/e.
  var memory = 933.0
  /// How much of each past surprise is set off against later ones.
  var habituation = 0.37
  /// The sum of surprises that is set off against none, so that a first small one is small.
  var floor = 36.4
  /// What is left of the sum then, where the score is to be 0.5.
  var alarm = 0.234

  package static let standard = SeriesParameters()

  func weight(_ aspect: SeriesAspect) -> Double {
    switch aspect {
    case .level: 1
    case .change: change
    case .spread: spread
    case .season: season
    case .standing: standing
    case .mixture: mixture
    case .still: still
    }
  }
}
