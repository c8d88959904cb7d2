import Detection
import Primitives
import Testing

/// An event as the trackers see it.
private struct Seen {
  var entity: UInt32
  var time: Int64
  var mask: UInt64
}

private func sequence(
  _ times: [Int], within: Int64, without: Bool = false
) -> EventPattern.Sequence {
  EventPattern.Sequence(
    steps: times.map { EventPattern.Step([], times: $0) },
    within: TimeSpan(microseconds: within), by: "user",
    without: without ? [Predicate("kind", .equals(.text("x")))] : [])
}

/// Whether some choice of earlier events makes a whole sequence with the last of `events`, by trying all of them.
private func completes(_ places: [UInt64], _ events: ArraySlice<Seen>, within: Int64) -> Bool {
  guard let last = events.last, last.mask & places[places.count - 1] != 0 else { return false }
  /// Whether places `0 ... place` can be filled so that the last of them is the event at `index`.
  func fills(_ place: Int, _ index: Int) -> Bool {
    let event = events[index]
    if event.mask & places[place] == 0 || last.time - event.time > within { return false }
    if place == 0 { return true }
    for earlier in (events.startIndex..<index).reversed() {
      let between = events[(earlier + 1)..<index]
      if between.contains(where: { $0.mask & SequenceTracker.breaker != 0 }) { break }
      let stands = events[earlier].mask & SequenceTracker.breaker != 0 && place - 1 > 0
      if !stands, events[earlier].time <= event.time, fills(place - 1, earlier) { return true }
    }
    return false
  }
  return fills(places.count - 1, events.endIndex - 1)
}

/// A tracker by reference, so that expectations can ask it.
private final class Watched {
  private(set) var sequence: SequenceTracker?
  private(set) var absence: AbsenceTracker?

  init(_ sequence: EventPattern.Sequence) { self.sequence = SequenceTracker(sequence) }
  init(_ absence: EventPattern.Absence) { self.absence = AbsenceTracker(absence) }

  func take(_ entity: Symbol, time: Int64, mask: UInt64) -> Bool {
    sequence?.take(entity, time: time, mask: mask) ?? false
  }

  func take(
    _ entity: Symbol, _ anchor: AbsenceTracker.Anchor, mask: UInt64,
    id: UnsafeBufferPointer<UInt8>
  ) {
    absence?.take(entity, anchor, mask: mask, id: id)
  }

  func advance(to time: Int64) -> [AbsenceTracker.Silence] { absence?.advance(to: time) ?? [] }
  func goBack(to time: Int64) { absence?.goBack(to: time) }
  func isDue(_ time: Int64) -> Bool { absence?.isDue(time) ?? false }
}

/// A tracker with the state of another, which went through bytes.
private func readBack<Tracker>(
  _ tracker: Tracker, _ fresh: Tracker, code: (inout Tracker, inout StateCoder) -> Void
) throws -> Tracker {
  let interner = Interner()
  // Symbols of the tests are small numbers.
  for number in 1..<10 { _ = interner.intern("\(number)") }
  var (old, new) = (tracker, fresh)
  var writing = StateCoder(interner)
  code(&old, &writing)
  var reading = StateCoder(reading: writing.bytes, interner)
  code(&new, &reading)
  try reading.finish()
  return new
}

/// A clock by reference.
private final class Watch {
  private var clock = WaitClock()
  func take(_ time: Int64) -> WaitClock.Step { clock.take(time) }
}

@Suite("Sequences")
struct SequenceTests {
  private func stream(_ random: inout SeededRandom, late: Bool) -> [Seen] {
    var time: Int64 = 0
    return (0..<120).map { _ in
      time += Int64(random.below(4))
      var mask = UInt64(random.below(8))
      if random.below(12) == 0 { mask |= SequenceTracker.breaker }
      let back = late && random.below(5) == 0 ? Int64(random.below(15)) : 0
      return Seen(entity: UInt32(random.below(3) + 1), time: time - back, mask: mask)
    }
  }

  @Test(
    "Complete where a search over all earlier events finds one, with a restart in between",
    arguments: 0..<60)
  func oracle(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let times = [[1, 1], [2, 1], [1, 1, 1], [3, 2], [1, 2, 1]][seed % 5]
    let within = Int64(3 + random.below(20))
    let pattern = sequence(times, within: within)
    let places = times.enumerated().flatMap { [UInt64](repeating: 1 << UInt64($0), count: $1) }
    var tracker = SequenceTracker(pattern)
    var past: [UInt32: [Seen]] = [:]
    for (place, event) in stream(&random, late: false).enumerated() {
      if place == seed * 2 {
        tracker = try readBack(tracker, SequenceTracker(pattern)) { $0.code(&$1) }
      }
      past[event.entity, default: []].append(event)
      let found = tracker.take(Symbol(rawValue: event.entity), time: event.time, mask: event.mask)
      let wanted = completes(places, past[event.entity, default: []][...], within: within)
      #expect(found == wanted, "event at \(event.time) of \(event.entity)")
    }
  }

  @Test("Late events hide sequences and never invent one", arguments: 0..<40)
  func late(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed) + 1000)
    let times = [[1, 1], [2, 1], [1, 1, 1]][seed % 3]
    let places = times.enumerated().flatMap { [UInt64](repeating: 1 << UInt64($0), count: $1) }
    var tracker = SequenceTracker(sequence(times, within: 12))
    var past: [UInt32: [Seen]] = [:]
    for event in stream(&random, late: true) {
      past[event.entity, default: []].append(event)
      if tracker.take(Symbol(rawValue: event.entity), time: event.time, mask: event.mask) {
        #expect(completes(places, past[event.entity, default: []][...], within: 12))
      }
    }
  }

  @Test("What must not come between breaks a sequence, at its ends it does not")
  func breaker() {
    let user = Symbol(rawValue: 7)
    let tracker = Watched(sequence([1, 1], within: 100, without: true))
    #expect(!tracker.take(user, time: 0, mask: 1))
    #expect(!tracker.take(user, time: 1, mask: SequenceTracker.breaker))
    #expect(!tracker.take(user, time: 2, mask: 2))
    #expect(!tracker.take(user, time: 3, mask: 1 | SequenceTracker.breaker))
    #expect(tracker.take(user, time: 4, mask: 2 | SequenceTracker.breaker))
    #expect(!tracker.take(user, time: 5, mask: 2))
  }

  @Test("An event at the very end of the time still counts, one after it does not")
  func border() {
    let user = Symbol(rawValue: 1)
    let tracker = Watched(sequence([1, 1], within: 10))
    #expect(!tracker.take(user, time: 0, mask: 1))
    #expect(tracker.take(user, time: 10, mask: 2))
    #expect(!tracker.take(user, time: 11, mask: 2))
    #expect(!tracker.take(Symbol.missing, time: 11, mask: 3))
  }

  @Test("Times at the ends of the calendar overflow nothing")
  func extremes() {
    let user = Symbol(rawValue: 1)
    let tracker = Watched(sequence([1, 1], within: 10))
    #expect(!tracker.take(user, time: .min + 1, mask: 1))
    #expect(!tracker.take(user, time: .max, mask: 2))
    #expect(!tracker.take(user, time: .min, mask: 3))
  }

  @Test(
    "A hundred thousand entities keep the state below its bound, and the busy one is not forgotten")
  func bounded() {
    var tracker = SequenceTracker(sequence([1, 1], within: 1_000_000), capacity: 1000)
    let busy = Symbol(rawValue: 1)
    for number in 0..<100_000 {
      _ = tracker.take(busy, time: Int64(number), mask: 1)
      _ = tracker.take(Symbol(rawValue: UInt32(number + 2)), time: Int64(number), mask: 1)
    }
    #expect(tracker.entities <= 1000)
    #expect(tracker.evicted > 90_000)
    #expect(tracker.stateBytes < 200_000)
    let isKept = tracker.take(busy, time: 100_000, mask: 2)
    #expect(isKept)
  }

  @Test("Entities whose time is over make room without being counted as lost")
  func expired() {
    var tracker = SequenceTracker(sequence([1, 1], within: 10), capacity: 5000)
    for number in 0..<100_000 {
      _ = tracker.take(Symbol(rawValue: UInt32(number + 1)), time: Int64(number), mask: 1)
    }
    #expect(tracker.evicted == 0)
    #expect(tracker.entities < 2048)
  }
}

@Suite("Absence")
struct AbsenceTests {
  private let id: [UInt8] = Array("e1".utf8)

  private func absence(
    _ within: Int64, afterEvents: Int = 1, afterSpan: Int64 = 0
  ) -> EventPattern.Absence {
    EventPattern.Absence(
      of: [], after: [], within: TimeSpan(microseconds: within), by: "user",
      afterEvents: afterEvents, afterSpan: TimeSpan(microseconds: afterSpan))
  }

  private func anchor(_ time: Int64) -> AbsenceTracker.Anchor {
    AbsenceTracker.Anchor(time: time, kind: Symbol(rawValue: 5), source: Symbol(rawValue: 6))
  }

  @Test(
    "What a walk over all events of each entity says, with a restart in between", arguments: 0..<60)
  func oracle(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let within = Int64(2 + random.below(12))
    let afterEvents = 1 + random.below(3)
    let afterSpan = Int64(random.chance(0.5) ? 0 : random.below(40))
    var time: Int64 = 0
    let events = (0..<150).map { _ -> Seen in
      time += Int64(random.below(3))
      return Seen(
        entity: UInt32(random.below(4) + 1), time: time, mask: UInt64(random.below(4)))
    }
    let pattern = absence(within, afterEvents: afterEvents, afterSpan: afterSpan)
    var tracker = AbsenceTracker(pattern)
    var found: [[Int64]] = []
    for (place, event) in events.enumerated() {
      if place == seed * 2 {
        tracker = try readBack(tracker, AbsenceTracker(pattern)) { $0.code(&$1) }
      }
      found += tracker.advance(to: event.time).map { [Int64($0.entity.rawValue), $0.time] }
      id.withUnsafeBufferPointer {
        tracker.take(
          Symbol(rawValue: event.entity), anchor(event.time), mask: event.mask, id: $0)
      }
    }
    found += tracker.advance(to: time + 100).map { [Int64($0.entity.rawValue), $0.time] }

    var wanted: [[Int64]] = []
    for entity in UInt32(1)...4 {
      var start: Int64?
      var seen = 0
      var first: Int64?
      for event in events where event.entity == entity {
        if let since = start, event.time > since + within {
          wanted.append([Int64(entity), since + within])
          start = nil
        }
        if event.mask & AbsenceTracker.ends != 0 { start = nil }
        if event.mask & AbsenceTracker.begins != 0 {
          seen += 1
          first = first ?? event.time
          if start == nil, seen >= afterEvents, event.time - (first ?? 0) >= afterSpan {
            start = event.time
          }
        }
      }
      if let since = start { wanted.append([Int64(entity), since + within]) }
    }
    func order(_ a: [Int64], _ b: [Int64]) -> Bool { (a[1], a[0]) < (b[1], b[0]) }
    #expect(found.sorted(by: order) == wanted.sorted(by: order))
  }

  @Test("Silence names the event that was last heard")
  func named() throws {
    let tracker = Watched(absence(10))
    id.withUnsafeBufferPointer {
      tracker.take(Symbol(rawValue: 1), anchor(100), mask: 3, id: $0)
    }
    #expect(!tracker.isDue(110))
    #expect(tracker.advance(to: 110).isEmpty)
    #expect(tracker.isDue(111))
    let silence = try #require(tracker.advance(to: 111).first)
    #expect(silence.time == 110 && silence.since == 100 && silence.eventID == "e1")
    #expect(silence.kind == Symbol(rawValue: 5) && silence.source == Symbol(rawValue: 6))
    #expect(tracker.advance(to: 500).isEmpty)
  }

  @Test("Time that is taken back drops the waits that began later than it")
  func goBack() {
    let tracker = Watched(absence(10))
    id.withUnsafeBufferPointer {
      tracker.take(Symbol(rawValue: 1), anchor(1000), mask: 3, id: $0)
      tracker.goBack(to: 0)
      tracker.take(Symbol(rawValue: 2), anchor(0), mask: 3, id: $0)
    }
    #expect(tracker.advance(to: 2000).map(\.entity.rawValue) == [2])
  }

  @Test("A stream that goes ever further back keeps the queue small")
  func backwards() {
    let tracker = Watched(absence(10))
    id.withUnsafeBufferPointer { id in
      for number in 0..<50_000 {
        let time = Int64(1_000_000 - number)
        tracker.take(Symbol(rawValue: 1), anchor(time), mask: 1, id: id)
        tracker.goBack(to: time - 1)
      }
    }
    #expect((tracker.absence?.stateBytes ?? .max) < 4096)
  }

  @Test("One event with a wrong clock moves no time, and an older one does not move it back")
  func clock() {
    let clock = Watch()
    for second in Int64(0)..<100 { #expect(clock.take(second) == .at(second)) }
    #expect(clock.take(400 * 86_400_000_000) == .at(99))
    #expect(clock.take(50) == .at(99))
    #expect(clock.take(.max) == .at(99))
    #expect(clock.take(.min) == .at(99))
    #expect(clock.take(100) == .at(100))
  }

  @Test("The kinds that a list of conditions lets through")
  func kinds() {
    #expect([Predicate("kind", .equals(.text("login")))].kinds == ["login"])
    #expect(
      [Predicate("kind", .any([.equals(.text("a")), .equals(.text("b"))]))].kinds == ["a", "b"])
    #expect([Predicate("kind", .any([.equals(.text("a")), .matches("b*")]))].kinds == nil)
    #expect([Predicate("user", .equals(.text("login")))].kinds == nil)
  }
}

@Suite("Text lists in memory")
struct TextListTests {
  @Test("Holds what a set of the same texts holds", arguments: 0..<20)
  func oracle(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let texts = (0..<random.below(400)).map { _ in
      String(repeating: ["a", "b", "é", ""][random.below(4)], count: random.below(4))
        + String(random.below(200))
    }
    let list = TextList(texts)
    let set = Set(texts)
    #expect(list.count == set.count)
    for number in 0..<200 {
      for text in ["\(number)", "a\(number)", "é\(number)", "zz\(number)"] {
        #expect(list.contains(text) == set.contains(text))
      }
    }
  }

  @Test("A list that is replaced is asked anew, also for texts that were asked before")
  func replaced() throws {
    let book: ListBook = ["blocked": ["eve"]]
    let schema = try Schema([("user", .text)])
    let interner = Interner()
    let batch = EventBatch(schema: schema, capacity: 1)
    batch.append(
      EventRecord(
        time: Timestamp(seconds: 0), id: "1", source: "s", kind: "k", fields: ["user": .text("ana")]
      ), interner: interner)
    let condition = try CompiledCondition(
      [Predicate("user", .inList("blocked"))], schema: schema, interner: interner, lists: book)
    #expect(!condition.holds(batch, 0) && !condition.holds(batch, 0))
    book.replace("blocked", with: TextList(["ana"]))
    #expect(condition.holds(batch, 0) && condition.holds(batch, 0))
    book.replace("blocked", with: TextList([String]()))
    #expect(!condition.holds(batch, 0))
  }
}
