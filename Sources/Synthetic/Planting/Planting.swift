package import Detection
package import Primitives

/// What was planted: the events in time order, one label for each attack event, and the incidents they form.
package struct Planting: Sendable {
  /// One attack on one entity.
  package struct Incident: Hashable, Sendable {
    package let scenario: String
    package let entityField: String
    package let entity: String
    /// Its first and last attack event.
    package let start: Timestamp
    package let end: Timestamp
    /// The attack events, in time order.
    package let events: [String]
  }

  package private(set) var events: [EventRecord] = []
  package private(set) var labels: [Label] = []
  package private(set) var incidents: [Incident] = []
  package internal(set) var shortfalls: [Shortfall] = []

  package init() {}

  /// Both together, such as what is planted for training and for test.
  package static func + (a: Planting, b: Planting) -> Planting {
    var both = a
    both.events += b.events
    both.labels += b.labels
    both.incidents += b.incidents
    both.shortfalls += b.shortfalls
    both.sort()
    return both
  }

  /// The stream with the planted events in their places: each after everything that is not later than it. The
  /// stream's own events keep their order and stay as they are.
  package func merged<Base: Sequence<EventRecord>>(into stream: Base) -> MergedEvents<Base> {
    MergedEvents(stream: stream, planted: events)
  }

  mutating func add(
    _ incident: [(event: EventRecord, isLabelled: Bool)], scenario: PlantedScenario
  ) {
    let attack = incident.filter(\.isLabelled).map(\.event)
    guard let first = attack.first, let last = attack.last, let (field, value) = first.primaryEntity
    else { preconditionFailure("an incident has an entity and at least one attack event") }
    incidents.append(
      Incident(
        scenario: scenario.id, entityField: field, entity: value, start: first.time,
        end: last.time, events: attack.map(\.id)))
    events += incident.map(\.event)
    labels += attack.map { event in
      Label(
        entityField: field, entity: value, start: first.time, end: last.time,
        type: scenario.label.type, name: scenario.label.name, severity: scenario.label.severity,
        knownAt: last.time + Injector.reportingDelay, eventID: event.id)
    }
  }

  /// Events by time and then in order of planting, labels in the order of their incidents.
  mutating func sort() {
    events = events.enumerated()
      .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }
}

/// A scenario that could not be planted as often as was asked for.
package struct Shortfall: Hashable, Sendable, CustomStringConvertible {
  package let scenario: String
  package let wanted: Int
  package let planted: Int
  /// Entities with a fitting event.
  package let victims: Int
  /// Incidents that were drawn and would have left the time range.
  package let leaving: Int
  /// Whether any event at all is of the kind that the scenario is planted on.
  package let isFitted: Bool

  package var description: String {
    "scenario '\(scenario)' was planted \(planted) of \(wanted) times: \(reason)"
  }

  private var reason: String {
    if !isFitted { return "no event is of the kind that it is planted on" }
    if victims == 0 {
      return "no fitting event has the history and the time around it that it needs"
    }
    let entities = victims == 1 ? "1 entity has" : "\(victims) entities have"
    if leaving == 0 { return "only \(entities) fitting events, and each event is used once" }
    return
      "\(entities) fitting events, and \(leaving) of the incidents drawn on them would have left"
      + " the time range"
  }
}

/// A stream with planted events in their places.
package struct MergedEvents<Base: Sequence<EventRecord>>: Sequence {
  fileprivate let stream: Base
  fileprivate let planted: [EventRecord]

  package func makeIterator() -> Iterator {
    Iterator(stream: stream.makeIterator(), planted: planted)
  }

  package struct Iterator: IteratorProtocol {
    fileprivate var stream: Base.Iterator
    fileprivate let planted: [EventRecord]
    private var waiting: EventRecord?
    private var place = 0

    fileprivate init(stream: Base.Iterator, planted: [EventRecord]) {
      self.stream = stream
      self.planted = planted
      waiting = self.stream.next()
    }

    package mutating func next() -> EventRecord? {
      if place < planted.count, waiting.map({ $0.time > planted[place].time }) ?? true {
        defer { place += 1 }
        return planted[place]
      }
      defer { if waiting != nil { waiting = stream.next() } }
      return waiting
    }
  }
}
