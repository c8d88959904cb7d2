package import Primitives

/// Tells on which events a sequence of one entity is complete.
///
/// For each entity and each place in the sequence it keeps one number: the latest instant at which a chain that has come
/// so far may have begun. A later beginning serves whatever an earlier one serves, so nothing else is needed, and the
/// state of an entity never grows. With events in order of time the answer is exact; an event that comes late joins no
/// chain that has gone beyond its time, so what is found is always true and may lack what lateness hid.
///
/// Entities whose chains are all too old are forgotten; above `capacity` entities the least recently seen go first.
package struct SequenceTracker: Sendable {
  /// A bit of the mask by which an event says that it must not come in between.
  package static let breaker: UInt64 = 1 << 63

  /// For each place of the sequence the bit of its step.
  private let places: [UInt64]
  private let within: Int64
  /// `places.count - 1` numbers an entity: when a chain that reached this place began, and when it reached it.
  private var began: [Int64] = []
  private var reached: [Int64] = []
  private var slots: EntitySlots
  private var newest = Int64.min
  private static let none = Int64.min

  package init(_ sequence: EventPattern.Sequence, capacity: Int = 65_536) {
    places = sequence.steps.enumerated().flatMap { index, step in
      [UInt64](repeating: 1 << UInt64(index), count: step.times)
    }
    within = sequence.within.microseconds
    slots = EntitySlots(capacity: capacity)
  }

  /// One that watches nothing, to stand in while another's state is out.
  package static let idle = SequenceTracker(
    EventPattern.Sequence(steps: [EventPattern.Step([], times: 2)], within: .seconds(1), by: ""),
    capacity: 1)

  /// Entities that are waiting for something.
  package var entities: Int { slots.count }
  /// Entities forgotten in the middle of a sequence because there were too many.
  package var evicted: Int { slots.evicted }
  package var stateBytes: Int { began.count * 16 + slots.reach * 32 }

  /// Takes an entity's next event; true where it completes a sequence. Bit i of `mask` is set where step i holds on it,
  /// `breaker` where it must not come in between.
  package mutating func take(_ entity: Symbol, time: Int64, mask: UInt64) -> Bool {
    if mask == 0 || entity.isMissing { return false }
    newest = max(newest, time)
    let width = places.count - 1
    let starts = mask & places[0] != 0
    guard let slot = slots.slot(of: entity) ?? (starts ? claim(entity) : nil) else { return false }
    slots.touch(slot)
    let base = slot * width
    let completes =
      mask & places[width] != 0 && reaches(time, from: base + width - 1)
    if mask & SequenceTracker.breaker != 0 {
      for place in 0..<width { began[base + place] = SequenceTracker.none }
    }
    var place = width - 1
    while place > 0 {
      if mask & places[place] != 0, reaches(time, from: base + place - 1),
        began[base + place - 1] >= began[base + place]
      {
        began[base + place] = began[base + place - 1]
        reached[base + place] = time
      }
      place -= 1
    }
    if starts, time >= began[base] {
      began[base] = time
      reached[base] = time
    }
    return completes
  }

  /// For each place but the last, when the chain that came so far began; missing where none did.
  func chain(of entity: Symbol) -> [Int64?] {
    guard let slot = slots.slot(of: entity) else { return [] }
    let width = places.count - 1
    return (0..<width).map { place in
      let start = began[slot * width + place]
      return start == SequenceTracker.none ? nil : start
    }
  }

  /// Whether a chain that stands at a cell goes on with an event at this time.
  private func reaches(_ time: Int64, from cell: Int) -> Bool {
    if began[cell] == SequenceTracker.none || reached[cell] > time { return false }
    let (age, overflow) = time.subtractingReportingOverflow(began[cell])
    return !overflow && age <= within
  }

  private mutating func claim(_ entity: Symbol) -> Int {
    let width = places.count - 1
    let newest = newest
    let within = within
    let slot = slots.claim(entity) { [began] slot in
      began[(slot * width)..<((slot + 1) * width)].allSatisfy { start in
        if start == SequenceTracker.none { return true }
        let (age, overflow) = newest.subtractingReportingOverflow(start)
        return overflow || age > within
      }
    }
    let missing = (slot + 1) * width - began.count
    if missing > 0 {
      began.append(contentsOf: repeatElement(SequenceTracker.none, count: missing))
      reached.append(contentsOf: repeatElement(SequenceTracker.none, count: missing))
    }
    for cell in (slot * width)..<((slot + 1) * width) { began[cell] = SequenceTracker.none }
    return slot
  }

  /// Of a tracker of the same sequence.
  package mutating func code(_ coder: inout StateCoder) {
    slots.code(&coder)
    let cells = slots.reach * (places.count - 1)
    coder.list(&began, upTo: cells, empty: SequenceTracker.none) { $0.signed(&$1) }
    coder.list(&reached, upTo: cells, empty: SequenceTracker.none) { $0.signed(&$1) }
    coder.require(began.count == cells && reached.count == cells, "a chain is cut off")
    coder.signed(&newest)
  }
}
