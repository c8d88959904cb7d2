package import Primitives

/// Up to a few thousand consecutive events as bytes that any later run can read: column after column, with the fields
/// by name and each distinct text once.
///
/// Numbers come back bit by bit. Whole numbers and those of a few decimals (most amounts) take one to four bytes; the
/// bytes are meant to be packed further. Where events stood in their input is not among them.
package struct EventBlock: Sendable {
  static let version: UInt8 = 1

  package let bytes: [UInt8]
  package let filter: BlockFilter
  package let events: Int
  /// The earliest and the latest time of an event.
  package let first: Timestamp
  package let last: Timestamp

  /// - Parameter rows: at least one.
  package init(_ batch: EventBatch, rows: Range<Int>, interner: Interner) {
    precondition(!rows.isEmpty && rows.upperBound <= batch.count, "a block holds rows of its batch")
    var texts = LocalTexts()
    var columns = ByteColumn(capacity: rows.count * 64)
    EventBlock.times(batch, rows, &columns)
    EventBlock.symbols(batch.kinds, rows, &texts, &columns)
    EventBlock.symbols(batch.sources, rows, &texts, &columns)
    EventBlock.ids(batch, rows, &columns)
    for field in batch.schema.fields {
      switch field.type {
      case .text: EventBlock.symbols(batch.textColumn(field.slot), rows, &texts, &columns)
      case .number, .flag: NumberColumn.write(batch.numberColumn(field.slot), rows, &columns)
      }
    }
    var filter = BlockFilter(room: rows.count + texts.symbols.count)
    for row in rows { batch.withID(row) { filter.add($0, as: .id) } }
    var writer = StateWriter()
    writer.byte(EventBlock.version)
    writer.count(rows.count)
    writer.count(batch.schema.fields.count)
    for field in batch.schema.fields {
      writer.append(Array(field.name.utf8))
      writer.byte(field.type.code)
    }
    writer.count(texts.symbols.count)
    for symbol in texts.symbols {
      let text = interner.bytes(of: symbol)
      writer.raw(text)
      filter.add(text, as: .value)
    }
    bytes = writer.bytes + columns.bytes
    self.filter = filter
    events = rows.count
    let times = rows.lazy.map { batch.times[$0] }
    first = Timestamp(microseconds: times.min() ?? 0)
    last = Timestamp(microseconds: times.max() ?? 0)
  }

  private static func times(
    _ batch: EventBatch, _ rows: Range<Int>, _ columns: inout ByteColumn
  ) {
    columns.reserve(rows.count * 3 * ByteColumn.widest)
    var before: Int64 = 0
    for row in rows {
      columns.signed(batch.times[row] &- before)
      before = batch.times[row]
    }
    var zone: Int32 = 0
    for row in rows {
      columns.signed(Int64(batch.zoneOffsets[row]) &- Int64(zone))
      zone = batch.zoneOffsets[row]
    }
    for row in rows {
      let slot = batch.primarySlots[row]
      columns.word(slot == EventBatch.noEntity ? 0 : UInt64(slot) &+ 1)
    }
  }

  /// One number where all rows have the same text, or one a row.
  private static func symbols(
    _ cells: UnsafeMutablePointer<Symbol>, _ rows: Range<Int>, _ texts: inout LocalTexts,
    _ columns: inout ByteColumn
  ) {
    columns.reserve(rows.count * ByteColumn.widest + 16)
    let first = cells[rows.lowerBound]
    if rows.allSatisfy({ cells[$0] == first }) {
      columns.byte(0)
      columns.word(texts.number(first))
      return
    }
    columns.byte(1)
    for row in rows { columns.word(texts.number(cells[row])) }
  }

  /// Each id by what it shares with the one before it, and the rest.
  private static func ids(_ batch: EventBatch, _ rows: Range<Int>, _ columns: inout ByteColumn) {
    for row in rows {
      batch.withID(row) { id in
        columns.reserve(id.count + 2 * ByteColumn.widest)
        var shared = 0
        if row > rows.lowerBound {
          batch.withID(row - 1) { before in
            let most = min(before.count, id.count)
            while shared < most && before[shared] == id[shared] { shared &+= 1 }
          }
        }
        columns.word(UInt64(shared))
        columns.word(UInt64(id.count &- shared))
        columns.raw(id, from: shared)
      }
    }
  }
}

extension FieldType {
  var code: UInt8 {
    switch self {
    case .number: 0
    case .text: 1
    case .flag: 2
    }
  }

  init?(code: UInt8) {
    switch code {
    case 0: self = .number
    case 1: self = .text
    case 2: self = .flag
    default: return nil
    }
  }
}
