package import Detection

/// A quantity of an event, or of what its entity did before, that could have been another.
package enum Lever: Hashable, Sendable {
  /// The event's own number in a field.
  case number(field: String)
  /// How many events there were: fewer.
  case events(FeatureMove.Window)
  /// How many different values: fewer.
  case distinct(FeatureMove.Window, field: String)
  /// Seconds since the last event: more, or fewer.
  case pause(FeatureMove.Stream)
  /// A value never seen before: a known one.
  case novelty(FeatureMove.Stream, field: String)
  /// The sum of a number over the past window: less.
  case total(FeatureMove.Window, field: String)
}

/// One quantity set to another value.
package struct Setting: Hashable, Sendable {
  /// Which of the levers of the quantities at hand.
  package var lever: Int
  package var from: Double
  package var to: Double

  package init(lever: Int, from: Double, to: Double) {
    self.lever = lever
    self.from = from
    self.to = to
  }

  /// How large the change is: as a share of what it was. A quantity that was 0 counts in its own unit.
  package var size: Double { abs(to - from) / (from == 0 ? 1 : abs(from)) }
}

/// An event as it could have been: a few quantities set to other values, each at most once.
package typealias World = [Setting]
