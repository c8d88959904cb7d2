package import Primitives

extension EventBlock {
  /// The events of a block in an empty batch of any schema with room for them: fields go by their names, and one that the
  /// batch lacks or holds as another type is left out. For the thread that interns.
  ///
  /// - Throws: where the bytes are no block; the batch is as it was then.
  package static func read(
    _ bytes: [UInt8], into batch: EventBatch, interner: Interner
  ) throws(StateDamage) {
    let contents = try Contents(bytes, room: batch.capacity, interner: interner)
    contents.fill(batch)
  }

  /// The fields of a block.
  package static func fields(
    of bytes: [UInt8]
  ) throws(StateDamage) -> [(name: String, type: FieldType)] {
    var reader = StateReader(bytes[...])
    _ = try Contents.head(&reader, room: .max)
    return try Contents.fields(&reader)
  }

  /// A block taken apart, all of it checked.
  struct Contents {
    private enum Column {
      case text([UInt32])
      case number([Double])
      case missing
    }

    private var times: [Int64] = []
    private var zones: [Int32] = []
    /// The text field of each event's first entity by its place among them, from 1; 0 for none.
    private var primaries: [UInt16] = []
    private var kinds: [UInt32]
    private var sources: [UInt32]
    private var ids: [UInt8] = []
    private var idEnds: [Int] = []
    private let fields: [(name: String, type: FieldType)]
    private var columns: [Column] = []

    static func head(_ reader: inout StateReader, room: Int) throws(StateDamage) -> Int {
      guard try reader.byte() == EventBlock.version else {
        throw StateDamage(what: "it was written by another version")
      }
      return try reader.size(upTo: room)
    }

    static func fields(
      _ reader: inout StateReader
    ) throws(StateDamage) -> [(name: String, type: FieldType)] {
      var fields: [(name: String, type: FieldType)] = []
      for _ in 0..<(try reader.count(each: 2)) {
        let name = String(decoding: try reader.raw(), as: UTF8.self)
        guard let type = FieldType(code: try reader.byte()) else {
          throw StateDamage(what: "a field is of an unknown type")
        }
        fields.append((name, type))
      }
      return fields
    }

    init(_ bytes: [UInt8], room: Int, interner: Interner) throws(StateDamage) {
      var reader = StateReader(bytes[...])
      let count = try Contents.head(&reader, room: room)
      fields = try Contents.fields(&reader)
      let texts = try TextTable.read(&reader, interner)
      var time: Int64 = 0
      for _ in 0..<count {
        time &+= try reader.signed()
        times.append(time)
      }
      var zone: Int64 = 0
      for _ in 0..<count {
        zone &+= try reader.signed()
        guard let offset = Int32(exactly: zone) else {
          throw StateDamage(what: "a number is out of range")
        }
        zones.append(offset)
      }
      let most = fields.count { $0.type == .text }
      for _ in 0..<count { primaries.append(UInt16(clamping: try reader.size(upTo: most))) }
      kinds = try Contents.symbols(&reader, count, texts)
      sources = try Contents.symbols(&reader, count, texts)
      var before = 0..<0
      for _ in 0..<count {
        let shared = try reader.size(upTo: before.count)
        let start = ids.count
        // Byte by byte: a slice of the ids would hold them, and adding to what is held copies all of it, for every event.
        for place in before.prefix(shared) { ids.append(ids[place]) }
        ids.append(contentsOf: try reader.raw())
        idEnds.append(ids.count)
        before = start..<ids.count
      }
      for field in fields {
        switch field.type {
        case .text: columns.append(.text(try Contents.symbols(&reader, count, texts)))
        case .number, .flag:
          columns.append(
            try NumberColumn.read(&reader, count: count).map(Column.number) ?? .missing)
        }
      }
      if reader.left > 0 { throw StateDamage(what: "something follows its end") }
    }

    private static func symbols(
      _ reader: inout StateReader, _ count: Int, _ texts: [UInt32]
    ) throws(StateDamage) -> [UInt32] {
      switch try reader.byte() {
      case 0: return [UInt32](repeating: try reader.symbol(texts), count: count)
      case 1:
        var symbols: [UInt32] = []
        symbols.reserveCapacity(count)
        for _ in 0..<count { symbols.append(try reader.symbol(texts)) }
        return symbols
      default: throw StateDamage(what: "a column is of an unknown form")
      }
    }

    func fill(_ batch: EventBatch) {
      precondition(batch.isEmpty, "a block goes into an empty batch")
      let slots = fields.filter { $0.type == .text }.map { known -> UInt16 in
        guard let field = batch.schema.field(known.name), field.type == .text else {
          return EventBatch.noEntity
        }
        return UInt16(field.slot)
      }
      for (known, column) in zip(fields, columns) {
        guard let field = batch.schema.field(known.name) else { continue }
        switch column {
        case .text(let symbols) where field.type == .text:
          let cells = batch.textColumn(field.slot)
          for (row, symbol) in symbols.enumerated() { cells[row] = Symbol(rawValue: symbol) }
        case .number(let values) where field.type != .text:
          let cells = batch.numberColumn(field.slot)
          for (row, value) in values.enumerated() { cells[row] = value }
        default: continue
        }
      }
      ids.withUnsafeBufferPointer { ids in
        var start = 0
        for row in times.indices {
          batch.commit(
            time: Timestamp(microseconds: times[row]), zoneOffsetSeconds: zones[row],
            kind: Symbol(rawValue: kinds[row]), source: Symbol(rawValue: sources[row]),
            primarySlot: primaries[row] == 0
              ? EventBatch.noEntity : slots[Int(primaries[row]) - 1],
            id: UnsafeBufferPointer(rebasing: ids[start..<idEnds[row]]))
          start = idEnds[row]
        }
      }
    }
  }
}
