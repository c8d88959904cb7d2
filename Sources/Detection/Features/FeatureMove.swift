/// What a feature's value on one event is made of, and so how it could have been another.
///
/// A counterfactual changes *quantities*: a number of the event, how many events there were, how long the pause before it
/// was. Every feature says here which quantity it follows and how, so that features of one quantity (amount, its ratio
/// to the mean, its z-score, its difference to the last) move together and none is changed by itself.
package indirect enum FeatureMove: Hashable, Sendable {
  /// Not the entity's to change: the clock, the kind of event, how long it is known, what others found out about it.
  case fixed
  /// slope · (the event's number in this field) + offset. With a window it is missing once that holds too little.
  case follows(field: String, slope: Double, offset: Double, past: Past?)
  /// It depends on the event's number in this field, in a way that was not kept.
  case hidden(field: String)
  /// scale · (events in the window).
  case events(Window, own: OwnCount, scale: Double)
  /// Different values of a text field in the window; `own` of them is the event's.
  case distinct(Window, field: String, own: Double)
  /// Seconds since the last event of the stream. `counts`: whether an event like this one would be one of the stream.
  case pause(Stream, counts: Bool)
  /// 1 where a value was never seen before: of this field, by this entity.
  case novelty(Stream, field: String)
  /// Sum of a number over the past window.
  case total(Window, field: String)
  /// Mean of a number over the past window.
  case mean(Window, field: String)
  /// Something else of the past window: the past is as it was, unless nothing of it is left.
  case past(Past)
  case quotient(Part, Part)
  case difference(Part, Part)

  /// Whose events, and which of them: a set of conditions. The more of them, the fewer events.
  package struct Stream: Hashable, Sendable {
    /// Fields of the entity, and filters as text.
    package var conditions: Set<String>

    package init(_ conditions: Set<String>) { self.conditions = conditions }

    /// Whether all its events are events of another stream too.
    package func isWithin(_ other: Stream) -> Bool {
      other.conditions.isSubset(of: conditions)
    }
  }

  /// The newest events of a stream.
  package struct Window: Hashable, Sendable {
    package var stream: Stream
    package var seconds: Double

    package init(_ stream: Stream, seconds: Double) {
      self.stream = stream
      self.seconds = seconds
    }

    /// Whether all that it holds is in another window too.
    package func isWithin(_ other: Window) -> Bool {
      seconds <= other.seconds && stream.isWithin(other.stream)
    }
  }

  /// A past window and the earlier events that something needs to be known.
  package struct Past: Hashable, Sendable {
    package var window: Window
    package var needs: Int
    /// Whether the event itself is counted where the window's events are: it is no part of the past.
    package var own: Bool

    package init(_ window: Window, needs: Int, own: Bool) {
      self.window = window
      self.needs = needs
      self.own = own
    }
  }

  /// Whether the event itself is counted: it may depend on its numbers.
  package struct OwnCount: Hashable, Sendable {
    /// All conditions but those on numbers hold.
    package var isOfStream: Bool
    package var numbers: [Predicate]

    package init(isOfStream: Bool, numbers: [Predicate] = []) {
      self.isOfStream = isOfStream
      self.numbers = numbers
    }

    /// 1 or 0.
    package func count(_ number: (String) -> Double?) -> Double {
      isOfStream && numbers.allSatisfy { $0.test.acceptsNumber(number($0.name) ?? .nan) } ? 1 : 0
    }
  }

  package struct Part: Hashable, Sendable {
    /// Missing where the feature is.
    package var value: Double?
    package var move: FeatureMove

    /// - Parameter value: NaN where missing.
    package init(_ value: Double, _ move: FeatureMove) {
      self.value = value.isNaN ? nil : value
      self.move = move
    }
  }
}
