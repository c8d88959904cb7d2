package import Detection
package import Primitives
import Store

/// Which kept events are asked for; all of what is given has to hold.
package struct EventQuery: Sendable {
  package var since: Timestamp?
  /// Not included.
  package var before: Timestamp?
  package var kind: String?
  package var source: String?
  /// Fields and the values that they have; a missing value is asked for as `.missing`.
  package var fields: [(name: String, value: Value)] = []
  /// A text that stands in any field.
  package var anyText: String?
  package var limit = 100

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
  /// The newest events that a query asks for, the newest first; of equal ones the one that was judged last.
  ///
  /// - Throws: `Failure(.usage)` where no kept event has a field of the query.
  func events(_ query: EventQuery, progress: some JobProgress) throws(Failure) -> [Found] {
    let streams = try streams()
    let schemas = try streams.map { (stream) throws(Failure) in try schema(of: stream) }
    try check(query, schemas)
    var places: [(place: KeptPlace, stream: Int)] = []
    for (index, stream) in streams.enumerated() {
      for place in try candidates(query, stream) { places.append((place, index)) }
    }
    places.sort { ($1.place.last, $1.place.id) < ($0.place.last, $0.place.id) }
    var found: [Found] = []
    progress.begin("look", total: places.reduce(0) { $0 + $1.place.events })
    var looked = 0
    for (place, index) in places {
      if progress.isStopped { throw Failure(.usage, "stopped") }
      // What is left is older than all that is wanted.
      if found.count >= query.limit, place.last < found[query.limit - 1].event.time { break }
      guard let body = try store.keptBody(place.id) else { continue }
      let interner = Interner()
      let batch = EventBatch(schema: schemas[index])
      looked += place.events
      progress.advance(to: looked)
      guard read(body, place, into: batch, interner),
        let test = EventTest(query, schemas[index], interner)
      else { continue }
      for row in 0..<batch.count where test.holds(batch, row) {
        found.append(
          Found(
            stream: streams[index], number: place.start + row,
            event: batch.record(row, interner: interner)))
      }
      found.sort { ($1.event.time, $1.number) < ($0.event.time, $0.number) }
      if found.count > query.limit { found.removeLast(found.count - query.limit) }
    }
    return found
  }

  private func check(_ query: EventQuery, _ schemas: [Schema]) throws(Failure) {
    if schemas.isEmpty { return }
    let known = Set(schemas.flatMap { $0.fields.map(\.name) })
    for (name, _) in query.fields where !known.contains(name) {
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
    for case (_, .text(let text)) in query.fields { texts.append(text) }
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
  private let kind: Symbol?
  private let source: Symbol?
  private let texts: [(slot: Int, symbol: Symbol)]
  private let numbers: [(slot: Int, value: Double)]
  private let anywhere: Symbol?
  private let textSlots: [Int]

  /// Missing where no row of the block can be one.
  init?(_ query: EventQuery, _ schema: Schema, _ interner: Interner) {
    since = (query.since ?? .distantPast).microseconds
    before = (query.before ?? .distantFuture).microseconds
    func symbol(_ text: String?) -> Symbol?? {
      guard let text else { return .some(nil) }
      return interner.find(text).map { .some($0) }
    }
    guard let kind = symbol(query.kind), let source = symbol(query.source),
      let anywhere = symbol(query.anyText)
    else { return nil }
    (self.kind, self.source, self.anywhere) = (kind, source, anywhere)
    textSlots = schema.fields.filter { $0.type == .text }.map(\.slot)
    var texts: [(Int, Symbol)] = []
    var numbers: [(Int, Double)] = []
    for (name, value) in query.fields {
      guard let field = schema.field(name) else {
        // A stream that lacks the field has it missing everywhere.
        if value == .missing { continue }
        return nil
      }
      switch (field.type, value) {
      case (.text, .text(let text)):
        guard let symbol = interner.find(text) else { return nil }
        texts.append((field.slot, symbol))
      case (.text, .missing): texts.append((field.slot, .missing))
      case (.number, .number(let x)), (.flag, .number(let x)): numbers.append((field.slot, x))
      case (.number, .flag(let x)), (.flag, .flag(let x)): numbers.append((field.slot, x ? 1 : 0))
      case (_, .missing): numbers.append((field.slot, .nan))
      // A card's number may be asked for as one, and is a text.
      case (.text, .number(let x)):
        guard let symbol = interner.find(Format.number(x, atMost: 6)) else { return nil }
        texts.append((field.slot, symbol))
      default: return nil
      }
    }
    self.texts = texts
    self.numbers = numbers
  }

  func holds(_ batch: EventBatch, _ row: Int) -> Bool {
    let time = batch.times[row]
    guard time >= since, time < before else { return false }
    if let kind, batch.kinds[row] != kind { return false }
    if let source, batch.sources[row] != source { return false }
    for (slot, symbol) in texts where batch.text(row, slot) != symbol { return false }
    for (slot, value) in numbers {
      let x = batch.number(row, slot)
      if x != value && !(x.isNaN && value.isNaN) { return false }
    }
    if let anywhere { return textSlots.contains { batch.text(row, $0) == anywhere } }
    return true
  }
}
