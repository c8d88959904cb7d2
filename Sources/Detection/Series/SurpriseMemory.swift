import Glibc

/// Sets a surprise off against those before it: how much of it is news.
struct SurpriseMemory: Sendable {
  private static let never = Int.min / 2
  private let parameters: SeriesParameters
  private let forgetting: Double
  /// The largest surprise of the burst at hand, and when it was heard.
  private var peak = 0.0
  private var heardAt = never
  /// Past surprises that were heard, forgotten at a steady rate.
  private var habit = 0.0

  init(_ parameters: SeriesParameters) {
    self.parameters = parameters
    forgetting = exp(-1 / parameters.memory)
  }

  /// The surprise over what is expected of this series, 0 where it is not heard at all.
  ///
  /// - Parameter place: values of the series before this one.
  mutating func heard(_ surprise: Double, at place: Int) -> Double {
    habit *= forgetting
    let young = (Double(place) / (Double(place) + parameters.youth)).squareRoot()
    let surprise = surprise * young
    if place - heardAt > parameters.rest { peak = 0 }
    guard surprise > peak * parameters.louder, surprise > 0 else {
      // A burst that goes on at its height keeps the rest going.
      if surprise > 0 && surprise >= peak { heardAt = place }
      return 0
    }
    let left = surprise / (parameters.floor + habit)
    habit += parameters.habituation * surprise
    peak = surprise
    heardAt = place
    return left
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.number(&peak)
    coder.whole(&heardAt, in: SurpriseMemory.never...StateCoder.most)
    coder.number(&habit)
  }
}
