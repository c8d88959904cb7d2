package import Primitives

/// A run of consecutive events in typed columns; the unit that crosses threads.
///
/// A missing number is NaN and a missing text is `Symbol.missing`; no event can carry a real NaN. Row r arrived as
/// number `firstArrival + r` of the run. One thread fills a batch and hands it over; after that it is only read.
package final class EventBatch: @unchecked Sendable {
  // Unchecked because of the hand-off rule above: columns are raw memory, filled before other threads see them.
  package static let standardCapacity = 4096
  /// The value of `primaryField` where an event has no entity.
  package static let noEntity = UInt16.max

  package let schema: Schema
  package let capacity: Int
  package private(set) var count = 0
  package var firstArrival: UInt64 = 0

  /// Microseconds since the epoch.
  package let times: UnsafeMutablePointer<Int64>
  /// Seconds east of Greenwich of the source's clock at that time.
  package let zoneOffsets: UnsafeMutablePointer<Int32>
  package let kinds: UnsafeMutablePointer<Symbol>
  package let sources: UnsafeMutablePointer<Symbol>
  /// The text slot that holds the event's first entity, or `noEntity`.
  package let primarySlots: UnsafeMutablePointer<UInt16>
  private let numbers: UnsafeMutablePointer<Double>
  private let texts: UnsafeMutablePointer<Symbol>
  /// Where each event stood in its input.
  package let origins: UnsafeMutablePointer<EventOrigin>
  /// Events of the stream that are not in the batch and came before one of its rows, in order of arrival: only their times
  /// matter, which move the stream's clock.
  package private(set) var passed: [Passed] = []
  private let idEnds: UnsafeMutablePointer<Int>
  private var idBytes: UnsafeMutablePointer<UInt8>
  private var idCapacity: Int

  /// An event that was left out before a row; after all rows where there is no such row.
  package struct Passed: Sendable {
    package var row: Int
    package var time: Int64
  }

  package init(schema: Schema, capacity: Int = EventBatch.standardCapacity) {
    precondition(capacity > 0, "a batch holds at least one event")
    self.schema = schema
    self.capacity = capacity
    times = .allocate(capacity: capacity)
    zoneOffsets = .allocate(capacity: capacity)
    kinds = .allocate(capacity: capacity)
    sources = .allocate(capacity: capacity)
    primarySlots = .allocate(capacity: capacity)
    numbers = .allocate(capacity: max(1, capacity * schema.numberCount))
    texts = .allocate(capacity: max(1, capacity * schema.textCount))
    times.initialize(repeating: 0, count: capacity)
    zoneOffsets.initialize(repeating: 0, count: capacity)
    kinds.initialize(repeating: .missing, count: capacity)
    sources.initialize(repeating: .missing, count: capacity)
    primarySlots.initialize(repeating: EventBatch.noEntity, count: capacity)
    numbers.initialize(repeating: .nan, count: max(1, capacity * schema.numberCount))
    texts.initialize(repeating: .missing, count: max(1, capacity * schema.textCount))
    origins = .allocate(capacity: capacity)
    origins.initialize(repeating: .unknown, count: capacity)
    idEnds = .allocate(capacity: capacity)
    idCapacity = 32 * capacity
    idBytes = .allocate(capacity: idCapacity)
  }

  deinit {
    times.deallocate()
    zoneOffsets.deallocate()
    kinds.deallocate()
    sources.deallocate()
    primarySlots.deallocate()
    numbers.deallocate()
    texts.deallocate()
    origins.deallocate()
    idEnds.deallocate()
    idBytes.deallocate()
  }

  package var isFull: Bool { count == capacity }
  package var isEmpty: Bool { count == 0 }

  // MARK: reading

  package func time(_ row: Int) -> Timestamp { Timestamp(microseconds: times[row]) }

  /// All values of a number or flag field, by row.
  package func numberColumn(_ slot: Int) -> UnsafeMutablePointer<Double> {
    numbers + slot * capacity
  }

  /// All values of a text field, by row.
  package func textColumn(_ slot: Int) -> UnsafeMutablePointer<Symbol> { texts + slot * capacity }

  package func number(_ row: Int, _ slot: Int) -> Double { numbers[slot * capacity + row] }

  package func text(_ row: Int, _ slot: Int) -> Symbol { texts[slot * capacity + row] }

  /// The event's first entity: the text slot that names it and its value.
  package func primaryEntity(_ row: Int) -> (slot: Int, value: Symbol)? {
    let slot = primarySlots[row]
    if slot == EventBatch.noEntity { return nil }
    let value = text(row, Int(slot))
    return value.isMissing ? nil : (Int(slot), value)
  }

  package func id(_ row: Int) -> String {
    withID(row) { String(decoding: $0, as: UTF8.self) }
  }

  package func withID<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    precondition(row >= 0 && row < count, "a row that the batch does not hold has no id")
    let start = idStart(row)
    return body(UnsafeBufferPointer(start: idBytes + start, count: idEnds[row] - start))
  }

  private func idStart(_ row: Int) -> Int { row == 0 ? 0 : idEnds[row - 1] }

  // MARK: filling

  /// Empties the batch for reuse; every cell is missing again.
  package func removeAll() {
    for slot in 0..<schema.numberCount {
      (numbers + slot * capacity).update(repeating: .nan, count: count)
    }
    for slot in 0..<schema.textCount {
      (texts + slot * capacity).update(repeating: .missing, count: count)
    }
    count = 0
    passed.removeAll(keepingCapacity: true)
  }

  /// Notes that an event of this time came before the next row and is left out.
  package func pass(_ time: Int64) { passed.append(Passed(row: count, time: time)) }

  /// Takes rows out, the others closing up in their order. For the filling thread.
  package func remove(_ rows: [Int]) {
    if rows.isEmpty { return }
    let removed = Set(rows)
    var kept = 0
    var start = 0
    for row in 0..<count {
      // Read before the row's place is written over by a row that moves up.
      let end = idEnds[row]
      defer { start = end }
      if removed.contains(row) { continue }
      let length = end - start
      let place = idStart(kept)
      if kept != row {
        (idBytes + place).update(from: idBytes + start, count: length)
        origins[kept] = origins[row]
        times[kept] = times[row]
        zoneOffsets[kept] = zoneOffsets[row]
        kinds[kept] = kinds[row]
        sources[kept] = sources[row]
        primarySlots[kept] = primarySlots[row]
        for slot in 0..<schema.numberCount {
          numbers[slot * capacity + kept] = numbers[slot * capacity + row]
        }
        for slot in 0..<schema.textCount {
          texts[slot * capacity + kept] = texts[slot * capacity + row]
        }
      }
      idEnds[kept] = place + length
      kept += 1
    }
    for slot in 0..<schema.numberCount {
      (numbers + slot * capacity + kept).update(repeating: .nan, count: count - kept)
    }
    for slot in 0..<schema.textCount {
      (texts + slot * capacity + kept).update(repeating: .missing, count: count - kept)
    }
    count = kept
  }

  /// Sets a cell of the row that the next `commit` will complete.
  package func set(number value: Double, slot: Int) { numbers[slot * capacity + count] = value }

  /// Sets a cell of the row that the next `commit` will complete.
  package func set(text value: Symbol, slot: Int) { texts[slot * capacity + count] = value }

  /// Forgets the cells set since the last `commit`.
  package func discardRow() {
    if isFull { return }
    for slot in 0..<schema.numberCount { numbers[slot * capacity + count] = .nan }
    for slot in 0..<schema.textCount { texts[slot * capacity + count] = .missing }
  }

  /// Completes a row from the cells set since the last one.
  package func commit(
    time: Timestamp, zoneOffsetSeconds: Int32 = 0, kind: Symbol, source: Symbol,
    primarySlot: UInt16, id: UnsafeBufferPointer<UInt8>, origin: EventOrigin = .unknown
  ) {
    precondition(!isFull, "a full batch takes no further event")
    times[count] = time.microseconds
    zoneOffsets[count] = zoneOffsetSeconds
    kinds[count] = kind
    sources[count] = source
    primarySlots[count] = primarySlot
    origins[count] = origin
    let start = idStart(count)
    if start + id.count > idCapacity { growIDs(to: start + id.count, used: start) }
    if let bytes = id.baseAddress { (idBytes + start).update(from: bytes, count: id.count) }
    idEnds[count] = start + id.count
    count += 1
  }

  /// Appends rows of another batch of the same run and schema.
  package func append(_ other: EventBatch, rows: Range<Int>) {
    precondition(other.schema == schema, "rows move between batches of one schema")
    precondition(count + rows.count <= capacity, "a full batch takes no further event")
    let first = rows.lowerBound
    for slot in 0..<schema.numberCount {
      (numbers + slot * capacity + count).update(
        from: other.numberColumn(slot) + first, count: rows.count)
    }
    for slot in 0..<schema.textCount {
      (texts + slot * capacity + count).update(
        from: other.textColumn(slot) + first, count: rows.count)
    }
    (times + count).update(from: other.times + first, count: rows.count)
    (zoneOffsets + count).update(from: other.zoneOffsets + first, count: rows.count)
    (kinds + count).update(from: other.kinds + first, count: rows.count)
    (sources + count).update(from: other.sources + first, count: rows.count)
    (primarySlots + count).update(from: other.primarySlots + first, count: rows.count)
    (origins + count).update(from: other.origins + first, count: rows.count)
    appendIDs(of: other, rows)
    count += rows.count
  }

  private func appendIDs(of other: EventBatch, _ rows: Range<Int>) {
    if rows.isEmpty { return }
    precondition(rows.lowerBound >= 0 && rows.upperBound <= other.count, "rows are of the batch")
    let from = other.idStart(rows.lowerBound)
    let length = other.idEnds[rows.upperBound - 1] - from
    let start = idStart(count)
    if start + length > idCapacity { growIDs(to: start + length, used: start) }
    (idBytes + start).update(from: other.idBytes + from, count: length)
    for (place, row) in rows.enumerated() {
      idEnds[count + place] = other.idEnds[row] - from + start
    }
  }

  private func growIDs(to needed: Int, used: Int) {
    idCapacity = max(needed, idCapacity * 2)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: idCapacity)
    larger.update(from: idBytes, count: used)
    idBytes.deallocate()
    idBytes = larger
  }
}
