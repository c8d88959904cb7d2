import Detection
import Ingest
import Primitives
import Store
import Synchronization

/// The events that a data directory kept, for whoever wants to look at them or judge them again.
///
/// A stream is what was judged one after the other: a source of the service, or one input of `detect` or `demo`. A block
/// that cannot be read is told once and left out.
struct RetainedEvents: Sendable {
  /// Beyond it the packed bytes were not written by us.
  private static let mostBytes = 1 << 30
  /// Blocks at the end of a stream that a running service may still put together: read before anything else.
  private static let tail = 16

  /// Ids that a misspelt one is compared with.
  private static let mostCompared = 20_000

  let store: AlertStore
  private let warn: @Sendable (String) -> Void

  /// - Parameter warn: what was left out, in a sentence; on the thread that reads.
  init(_ store: AlertStore, warn: @escaping @Sendable (String) -> Void) {
    self.store = store
    self.warn = warn
  }

  /// The one that was written last first.
  func streams() throws(Failure) -> [KeptStream] { try store.keptStreams() }

  /// All fields that the events of a stream carry.
  func schema(of stream: KeptStream) throws(Failure) -> Schema {
    guard let fields = KeptFields.fields(stream.fields) else {
      throw Failure(
        .internal, "the fields of the kept events of '\(stream.source)' cannot be read",
        advice: "judge them again, or choose another --data-dir")
    }
    return try Schema(fields)
  }

  /// The events of a stream in the order in which they were judged.
  ///
  /// - Parameters:
  ///   - since: blocks of earlier events alone are passed over; of the others every event comes.
  ///   - until: blocks of later events alone are passed over.
  ///   - took: told the number of the first event of each block that is handed out, by who asks for it.
  func feed(
    _ stream: KeptStream, schema: Schema, interner: Interner, since: Timestamp = .distantPast,
    until: Timestamp = .distantFuture, took: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Failure) -> BatchFeed {
    let (places, last) = try store.keptPlaces(
      stream: stream.id, since: since, until: until, tail: RetainedEvents.tail)
    let next = Mutex(0)
    return BatchFeed(schema: schema) { (batch) throws(Failure) in
      while true {
        let index = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard index < places.count else { return .ended }
        let place = places[index]
        let kept = last[place.id]
        guard let body = try kept == nil ? store.keptBody(place.id) : kept else { continue }
        if read(body, place, into: batch, interner) {
          took(place.start)
          return .filled()
        }
      }
    }
  }

  /// The blocks of a stream in the order in which their events were judged, and the bytes of the last of them.
  func places(
    of stream: KeptStream
  ) throws(Failure) -> (places: [KeptPlace], bodies: [Int64: [UInt8]]) {
    try store.keptPlaces(stream: stream.id, tail: RetainedEvents.tail)
  }

  /// Hands over the events of a stream block by block in the order in which they were judged, each with the number of its
  /// first event, until `body` says no. The batch is emptied afterwards.
  func each(
    of stream: KeptStream, schema: Schema, interner: Interner,
    _ body: (Int, EventBatch) throws(Failure) -> Bool
  ) throws(Failure) {
    let batch = EventBatch(schema: schema)
    let (places, last) = try places(of: stream)
    for place in places {
      let kept = last[place.id]
      guard let packed = try kept == nil ? store.keptBody(place.id) : kept,
        read(packed, place, into: batch, interner)
      else { continue }
      let goesOn = try body(place.start, batch)
      batch.removeAll()
      if !goesOn { return }
    }
  }

  /// Goes over the blocks of a stream in the order in which they were judged, for rows that carry one of some texts, until
  /// `body` says no. It gets the number of the block's first event, what was seen, and what reads all of the block's
  /// events into an empty batch.
  func scan(
    _ stream: KeptStream, for texts: Set<String>, interner: Interner,
    _ body: (Int, EventBlock.Scan, (EventBatch) -> Bool) throws(Failure) -> Bool
  ) throws(Failure) {
    let wanted = Set(texts.map { Array($0.utf8) })
    func see(_ bytes: [UInt8]) throws(StateDamage) -> EventBlock.Scan {
      try EventBlock.scan(bytes, for: wanted)
    }
    try blocks(of: stream, seeing: see) { (place, bytes, seen) throws(Failure) in
      try body(place.start, seen) { batch in take(bytes, place, into: batch, interner) }
    }
  }

  /// Goes over the blocks of a stream in the order in which they were judged, for one number of the events that are about
  /// one entity, until `body` says no. It gets the number of the block's first event.
  func readings(
    of number: String, entity: String, kind: String, in stream: KeptStream,
    _ body: (Int, EventBlock.Readings) throws(Failure) -> Bool
  ) throws(Failure) {
    func see(_ bytes: [UInt8]) throws(StateDamage) -> EventBlock.Readings {
      try EventBlock.readings(bytes, of: number, entity: entity, kind: kind)
    }
    try blocks(of: stream, seeing: see) { (place, _, seen) throws(Failure) in
      try body(place.start, seen)
    }
  }

  /// The blocks of a stream, unpacked, with what `see` makes of each, until `body` says no.
  private func blocks<Seen>(
    of stream: KeptStream, seeing see: ([UInt8]) throws(StateDamage) -> Seen,
    _ body: (KeptPlace, [UInt8], Seen) throws(Failure) -> Bool
  ) throws(Failure) {
    let (places, last) = try places(of: stream)
    for place in places {
      let kept = last[place.id]
      guard let packed = try kept == nil ? store.keptBody(place.id) : kept else { continue }
      guard let bytes = ZstdPacker.unpack(packed, limit: RetainedEvents.mostBytes) else {
        warn("\(name(place)) and left out")
        continue
      }
      let seen: Seen
      do throws(StateDamage) {
        seen = try see(bytes)
      } catch {
        warn("\(name(place)) and left out: \(error.what)")
        continue
      }
      if try !body(place, bytes, seen) { return }
    }
  }

  /// An event with its place.
  struct Found: Sendable {
    var stream: KeptStream
    /// How many events of the stream were judged before it.
    var number: Int
    var event: EventRecord
  }

  /// The events with an id, those that were written last first.
  func events(id: String) throws(Failure) -> [Found] {
    try search(id, as: .id) { batch, row, _ in
      batch.withID(row) { $0.elementsEqual(id.utf8) }
    }
  }

  /// The events that carry a value under a field, those that were written last first.
  ///
  /// - Parameter field: missing for any text field.
  func events(
    field: String?, value: String, limit: Int = .max
  ) throws(Failure) -> [Found] {
    try search(value, as: .value, limit: limit) { batch, row, symbol in
      guard let symbol else { return false }
      return batch.schema.fields.contains {
        $0.type == .text && (field == nil || $0.name == field)
          && batch.text(row, $0.slot) == symbol
      }
    }
  }

  /// Whether a kept event is of a source.
  func hold(source: String) throws(Failure) -> Bool {
    try !search(source, as: .value, limit: 1) { batch, row, symbol in
      batch.sources[row] == symbol
    }.isEmpty
  }

  /// The kept event whose id is most like a text that is none, among the latest.
  func nearestID(to text: String) throws(Failure) -> String? {
    let streams = Dictionary(uniqueKeysWithValues: try streams().map { ($0.id, $0) })
    var ids: [String] = []
    for place in try store.keptPlaces(where: { _ in true }) {
      guard ids.count < RetainedEvents.mostCompared else { break }
      guard let stream = streams[place.stream], let body = try store.keptBody(place.id) else {
        continue
      }
      let batch = EventBatch(schema: try schema(of: stream))
      guard read(body, place, into: batch, Interner()) else { continue }
      ids += (0..<batch.count).map(batch.id)
    }
    return nearestName(to: text, among: ids)
  }

  /// - Parameter holds: whether a row is one; it gets the symbol of the text, where it stands among the block's texts.
  private func search(
    _ text: String, as role: BlockFilter.Role, limit: Int = .max,
    _ holds: (EventBatch, Int, Symbol?) -> Bool
  ) throws(Failure) -> [Found] {
    let streams = Dictionary(
      uniqueKeysWithValues: try streams().map { ($0.id, $0) })
    let places = try store.keptPlaces {
      BlockFilter(bytes: $0).mayHold(text, as: role)
    }
    var found: [Found] = []
    for place in places {
      guard found.count < limit else { break }
      guard let stream = streams[place.stream], let body = try store.keptBody(place.id) else {
        continue
      }
      // Texts of one block alone, so that a search over many holds few in memory.
      let interner = Interner()
      let batch = EventBatch(schema: try schema(of: stream))
      guard read(body, place, into: batch, interner) else { continue }
      let symbol = interner.find(text)
      for row in (0..<batch.count).reversed() where holds(batch, row, symbol) {
        guard found.count < limit else { break }
        found.append(
          Found(
            stream: stream, number: place.start + row,
            event: batch.record(row, interner: interner)))
      }
    }
    return found
  }

  private func name(_ place: KeptPlace) -> String {
    "\(place.events) kept events, \(place.first) to \(place.last), are damaged"
  }

  func read(
    _ body: [UInt8], _ place: KeptPlace, into batch: EventBatch, _ interner: Interner
  ) -> Bool {
    guard let bytes = ZstdPacker.unpack(body, limit: RetainedEvents.mostBytes) else {
      warn("\(name(place)) and left out")
      return false
    }
    return take(bytes, place, into: batch, interner)
  }

  private func take(
    _ bytes: [UInt8], _ place: KeptPlace, into batch: EventBatch, _ interner: Interner
  ) -> Bool {
    do {
      try EventBlock.read(bytes, into: batch, interner: interner)
      return true
    } catch {
      warn("\(name(place)) and left out: \(error.what)")
      return false
    }
  }
}
