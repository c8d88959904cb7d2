package import Detection
package import Primitives
package import Store

/// What a field of an event has to be; all that is said must hold.
package struct FieldTest: Sendable {
  package var field: String
  package var bounds = NumberBounds()
  /// One of them; `.missing` for none at all. Empty for any.
  package var values: [Value] = []
  /// None of them.
  package var except: [Value] = []

  package init(_ field: String, _ values: [Value] = []) {
    (self.field, self.values) = (field, values)
  }
}

/// Which kept events are asked for; all of what is given has to hold.
package struct EventQuery: Sendable {
  package var since: Timestamp?
  /// Not included.
  package var before: Timestamp?
  /// Hours of the day and days of the week, by the clock in UTC.
  package var clock = ClockFilter()
  /// Any of them; empty for all.
  package var kinds: [String] = []
  package var source: String?
  package var fields: [FieldTest] = []
  /// A text that stands in any field.
  package var anyText: String?
  package var order = Order.newest
  package var limit = 100

  package enum Order: Hashable, Sendable {
    case newest, oldest
    /// By a field of numbers; events without it are left out.
    case most(String)
    case least(String)
  }

  package init() {}
}

extension Control {
  /// When the newest of the alerts and kept events happened; missing where there are none.
  package func newestTime() throws(Failure) -> Timestamp? {
    let store = try store(.readOnly)
    let events = try store.keptStreams().map(\.last).max()
    guard let alert = try store.newestAlert() else { return events }
    return max(alert, events ?? alert)
  }
}

extension RetainedEvents {
  /// The first events that a query asks for, in its order; of equal ones the one that was judged last.
  ///
  /// - Throws: `Failure(.usage)` where no kept event has a field of the query.
  func events(_ query: EventQuery, progress: some JobProgress) throws(Failure) -> [Found] {
    var found: [(event: Found, rank: Double)] = []
    var isOver = false
    try each(query, progress: progress) { (block) throws(Failure) in
      if isOver { return false }
      if found.count >= query.limit {
        // What is left is older, or newer, than all that is wanted.
        let last = found[query.limit - 1].event.event.time
        if query.order == .newest, block.place.last < last { isOver = true }
        if query.order == .oldest, block.place.first > last { isOver = true }
        if isOver { return false }
      }
      for row in 0..<block.batch.count where block.test.holds(block.batch, row) {
        guard let rank = block.rank(row, query.order) else { continue }
        if found.count >= query.limit, rank < found[query.limit - 1].rank { continue }
        found.append(
          (
            Found(
              stream: block.stream, number: block.place.start + row,
              event: block.batch.record(row, interner: block.interner)), rank
          ))
        if found.count >= 2 * query.limit + 4096 { cut() }
      }
      cut()
      return true
    }
    func cut() {
      found.sort {
        ($1.rank, $1.event.event.time, $1.event.number)
          < ($0.rank, $0.event.event.time, $0.event.number)
      }
      if found.count > query.limit { found.removeLast(found.count - query.limit) }
    }
    return found.map(\.event)
  }

  /// A block of events that may hold some of a query.
  struct Block {
    var stream: KeptStream
    var place: KeptPlace
    var batch: EventBatch
    var interner: Interner
    fileprivate var test: EventTest

    func holds(_ row: Int) -> Bool { test.holds(batch, row) }

    /// The higher, the sooner it is given; missing where the event has nothing to be ordered by.
    fileprivate func rank(_ row: Int, _ order: EventQuery.Order) -> Double? {
      func number(_ name: String) -> Double? {
        guard let field = batch.schema.field(name), field.type != .text else { return nil }
        let x = batch.number(row, field.slot)
        return x.isNaN ? nil : x
      }
      return switch order {
      case .newest: Double(batch.times[row])
      case .oldest: -Double(batch.times[row])
      case .most(let field): number(field)
      case .least(let field): number(field).map { -$0 }
      }
    }
  }

  /// Hands over the blocks that may hold what a query asks for, those with the newest events first (the oldest first where
  /// the query is in that order), until `body` says no.
  func each(
    _ query: EventQuery, also fields: [String] = [], progress: some JobProgress,
    _ body: (Block) throws(Failure) -> Bool
  ) throws(Failure) {
    let streams = try streams()
    let schemas = try streams.map { (stream) throws(Failure) in try schema(of: stream) }
    var named = fields + query.fields.map(\.field)
    switch query.order {
    case .newest, .oldest: break
    case .most(let field), .least(let field): named.append(field)
    }
    try check(named, schemas)
    var places: [(place: KeptPlace, stream: Int)] = []
    for (index, stream) in streams.enumerated() {
      for place in try candidates(query, stream) { places.append((place, index)) }
    }
    if query.order == .oldest {
      places.sort { ($0.place.first, $0.place.id) < ($1.place.first, $1.place.id) }
    } else {
      places.sort { ($1.place.last, $1.place.id) < ($0.place.last, $0.place.id) }
    }
    progress.begin("look", total: places.reduce(0) { $0 + $1.place.events })
    var looked = 0
    for (place, index) in places {
      if progress.isStopped { throw Failure(.usage, "stopped") }
      guard let body = try store.keptBody(place.id) else { continue }
      // Texts of one block alone, so that a search over many holds few in memory.
      let interner = Interner()
      let batch = EventBatch(schema: schemas[index])
      looked += place.events
      progress.advance(to: looked)
      guard read(body, place, into: batch, interner),
        let test = EventTest(query, schemas[index], interner)
      else { continue }
      let block = Block(
        stream: streams[index], place: place, batch: batch, interner: interner, test: test)
      guard try give(block) else { return }
    }
    func give(_ block: Block) throws(Failure) -> Bool { try body(block) }
  }

  private func check(_ names: [String], _ schemas: [Schema]) throws(Failure) {
    if schemas.isEmpty { return }
    let known = Set(schemas.flatMap { $0.fields.map(\.name) })
    for name in names where !known.contains(name) {
      throw Failure(
        .usage, "no kept event has a field '\(name)'",
        advice: nearestName(to: name, among: known.sorted()).map { "did you mean '\($0)'?" }
          ?? "there are \(known.sorted().joined(separator: ", "))")
    }
  }

  /// Blocks that may hold what is asked for, by their times and by the texts that they cannot hold.
  private func candidates(
    _ query: EventQuery, _ stream: KeptStream
  ) throws(Failure) -> [KeptPlace] {
    let since = query.since ?? .distantPast
    let before = query.before ?? .distantFuture
    guard since <= before else { return [] }
    var texts = query.anyText.map { [$0] } ?? []
    for test in query.fields where test.values.count == 1 {
      if case .text(let text) = test.values[0] { texts.append(text) }
    }
    if texts.isEmpty {
      return try store.keptPlaces(stream: stream.id, since: since, until: before)
    }
    return try store.keptPlaces(stream: stream.id) { bytes in
      let filter = BlockFilter(bytes: bytes)
      return texts.allSatisfy { filter.mayHold($0, as: .value) }
    }.filter { $0.last >= since && $0.first <= before }
  }
}

/// A query bound to the texts of one block.
private struct EventTest {
  private let since: Int64
  private let before: Int64
  private let clock: ClockFilter
  private let kinds: Set<Symbol>
  private let source: Symbol?
  private var texts: [(slot: Int, values: Set<Symbol>, isNot: Bool)] = []
  private var numbers: [(slot: Int, values: [Double], isNot: Bool)] = []
  private var bounds: [(slot: Int, bounds: NumberBounds)] = []
  private let anywhere: Symbol?
  private let textSlots: [Int]

  /// Missing where no row of the block can be one.
  init?(_ query: EventQuery, _ schema: Schema, _ interner: Interner) {
    since = (query.since ?? .distantPast).microseconds
    before = (query.before ?? .distantFuture).microseconds
    clock = query.clock
    func symbol(_ text: String?) -> Symbol?? {
      guard let text else { return .some(nil) }
      return interner.find(text).map { .some($0) }
    }
    guard let source = symbol(query.source), let anywhere = symbol(query.anyText) else {
      return nil
    }
    (self.source, self.anywhere) = (source, anywhere)
    kinds = Set(query.kinds.compactMap { interner.find($0) })
    if kinds.isEmpty && !query.kinds.isEmpty { return nil }
    textSlots = schema.fields.filter { $0.type == .text }.map(\.slot)
    for test in query.fields {
      guard add(test, schema, interner) else { return nil }
    }
  }

  /// False where no row can be one.
  private mutating func add(_ test: FieldTest, _ schema: Schema, _ interner: Interner) -> Bool {
    guard let field = schema.field(test.field) else {
      // A stream that lacks the field has it missing everywhere.
      let isMissing = test.values.isEmpty || test.values.contains(.missing)
      return isMissing && test.bounds.isEmpty && !test.except.contains(.missing)
    }
    for (values, isNot) in [(test.values, false), (test.except, true)] where !values.isEmpty {
      if field.type == .text {
        let symbols = Set(values.compactMap { EventTest.symbol($0, interner) })
        if symbols.isEmpty && !isNot { return false }
        texts.append((field.slot, symbols, isNot))
      } else {
        let known = values.compactMap(EventTest.number)
        if known.isEmpty && !isNot { return false }
        numbers.append((field.slot, known, isNot))
      }
    }
    if !test.bounds.isEmpty {
      guard field.type != .text else { return false }
      bounds.append((field.slot, test.bounds))
    }
    return true
  }

  private static func symbol(_ value: Value, _ interner: Interner) -> Symbol? {
    switch value {
    case .missing: .missing
    case .text(let text): interner.find(text)
    // A card's number may be asked for as one, and is a text.
    case .number(let x): interner.find(Format.number(x, atMost: 6))
    case .flag: nil
    }
  }

  private static func number(_ value: Value) -> Double? {
    switch value {
    case .missing: .nan
    case .number(let x): x
    case .flag(let flag): flag ? 1 : 0
    case .text: nil
    }
  }

  func holds(_ batch: EventBatch, _ row: Int) -> Bool {
    let time = batch.times[row]
    guard time >= since, time < before else { return false }
    if !kinds.isEmpty, !kinds.contains(batch.kinds[row]) { return false }
    if let source, batch.sources[row] != source { return false }
    for (slot, values, isNot) in texts where values.contains(batch.text(row, slot)) == isNot {
      return false
    }
    for (slot, values, isNot) in numbers {
      let x = batch.number(row, slot)
      if values.contains(where: { $0 == x || $0.isNaN && x.isNaN }) == isNot { return false }
    }
    for (slot, bounds) in bounds where !bounds.hold(batch.number(row, slot)) { return false }
    if !clock.isEmpty, !clock.holds(time) { return false }
    if let anywhere { return textSlots.contains { batch.text(row, $0) == anywhere } }
    return true
  }
}
