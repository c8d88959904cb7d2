import Detection
import Primitives

/// Where each entity acts in a stream, and which of its events fit a scenario.
struct Victims {
  private struct Entity: Hashable {
    let field: String
    let value: String
  }

  /// Everything that an entity does, by place in the stream.
  private(set) var places: [[Int]] = []
  /// For each scenario and entity: which of `places` fit, by their order there.
  private var fitting: [[[Int]]]
  /// For each scenario: whether any event fits it, whatever came before and whoever it belongs to.
  private(set) var isFitted: [Bool]
  private var last = Timestamp.distantPast
  private var times: [[Timestamp]] = []
  private var isAllowed: [Bool] = []

  init(
    _ events: some Sequence<EventRecord>, scenarios: [PlantedScenario], period: Range<Timestamp>?,
    share: EntityShare
  ) {
    fitting = Array(repeating: [], count: scenarios.count)
    isFitted = Array(repeating: false, count: scenarios.count)
    var numbers: [Entity: Int] = [:]
    for (place, event) in events.enumerated() {
      last = max(last, event.time)
      guard let (field, value) = event.primaryEntity else { continue }
      let entity = Entity(field: field, value: value)
      let number = numbers[entity] ?? places.count
      if number == places.count {
        numbers[entity] = number
        places.append([])
        times.append([])
        isAllowed.append(share.holds(field: field, value: value))
        for scenario in scenarios.indices { fitting[scenario].append([]) }
      }
      let order = places[number].count
      places[number].append(place)
      times[number].append(event.time)
      for (scenario, wanted) in scenarios.enumerated() {
        let isEarly = order < wanted.history
        // What follows a silence lies in the period; the event before it need not.
        let isOutside = !(period?.contains(event.time + wanted.quiet) ?? true)
        let isVictim = isAllowed[number] && !isEarly && !isOutside
        guard isVictim || !isFitted[scenario], wanted.onto(event) else { continue }
        isFitted[scenario] = true
        if isVictim { fitting[scenario][number].append(order) }
      }
    }
  }

  /// The entities that can be hit, each with its fitting events, in order of first appearance.
  func candidates(scenario: Int, quiet: TimeSpan) -> [(entity: Int, orders: [Int])] {
    fitting[scenario].indices.compactMap { entity in
      let orders = fitting[scenario][entity].filter { isQuiet(entity, after: $0, for: quiet) }
      return orders.isEmpty ? nil : (entity, orders)
    }
  }

  /// Whether the entity does nothing for a while after one of its events and the stream goes on for that long.
  private func isQuiet(_ entity: Int, after order: Int, for quiet: TimeSpan) -> Bool {
    guard quiet > .zero else { return true }
    let until = times[entity][order] + quiet
    guard until <= last else { return false }
    return order + 1 == times[entity].count || times[entity][order + 1] > until
  }
}
