package import Primitives

/// What an alert adds to the cost of its incident, beside the rate that its mapping says.
package struct AlertStakes: Hashable, Sendable {
  package var loss: Cents
  /// Begun minutes or days; missing where it is lost once.
  package var units: Int64?
  package var unit: CostUnit
  /// Pauses up to so long count.
  package var lull: TimeSpan
  /// The alert of its incident that stands for the same loss, where this one adds nothing.
  package var sharedWith: String?

  /// Missing for an alert that costs nothing or was closed as something else than what it said.
  ///
  /// - Parameter members: the alerts of its incident, in order of time, then id; it is one of them.
  package init?(of alert: String, among members: [AlertFact], lull: TimeSpan) {
    guard let fact = members.first(where: { $0.id == alert }), fact.stands, fact.cost > .zero
    else { return nil }
    let standing = members.filter(\.stands)
    let losses = Losses.of(standing, lull: lull)
    loss = losses[alert] ?? .zero
    unit = fact.costPer
    self.lull = lull
    if unit != .incident { units = Int64(loss.count / fact.cost.count) }
    if loss == .zero {
      sharedWith =
        standing.last {
          $0.id != alert && $0.time <= fact.time && $0.mapping == fact.mapping
            && $0.entity == fact.entity && (losses[$0.id] ?? .zero) > .zero
        }?.id
    }
  }

  /// A line for people; missing where the rate says it all.
  package var words: String? {
    if loss == .zero {
      let other = sharedWith.map { "alert \($0.prefix(10))" } ?? "another alert"
      return "adds nothing to its incident: \(other) stands for the same loss"
    }
    guard let units else { return nil }
    return
      "came to \(Format.money(loss.dollars)): \(Format.count(units)) \(unit.rawValue)\(units == 1 ? "" : "s") in which it was found, "
      + "pauses up to \(lull) with them"
  }

  package var json: JSONValue {
    [
      "loss_usd": .number(loss.dollars), "cost_per": .text(unit.rawValue),
      "units": units.map { .integer($0) } ?? .null,
      "shared_with": sharedWith.map { .text($0) } ?? .null,
    ]
  }
}
