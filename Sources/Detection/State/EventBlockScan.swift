extension EventBlock {
  /// What can be said of a block's events without taking them into a batch.
  package struct Scan: Sendable {
    /// Microseconds, by row.
    package var times: [Int64]
    /// Rows that carry one of the texts in any field, ascending.
    package var rows: [Int]
  }

  /// Goes over a block for the rows that carry one of some texts in any field. Nothing is interned.
  ///
  /// - Parameter room: the most events that a block may hold.
  /// - Throws: where the bytes are no block. What would not be read out of a damaged column is not looked at.
  package static func scan(
    _ bytes: [UInt8], for texts: Set<[UInt8]>, room: Int = EventBatch.standardCapacity
  ) throws(StateDamage) -> Scan {
    var reader = StateReader(bytes[...])
    let count = try Contents.head(&reader, room: room)
    let fields = try Contents.fields(&reader)
    let wanted = try numbers(of: texts, &reader)
    var times: [Int64] = []
    times.reserveCapacity(count)
    var time: Int64 = 0
    for _ in 0..<count {
      time &+= try reader.signed()
      times.append(time)
    }
    guard wanted.contains(true) else { return Scan(times: times, rows: []) }
    var marks = [Bool](repeating: false, count: count)
    // Zones, first entities; then kinds and sources, in which nobody is named.
    try reader.skipWords(2 * count)
    var nobody = marks
    for _ in 0..<2 { try mark(&nobody, [], &reader) }
    for _ in 0..<count {
      _ = try reader.word()
      try reader.skip(try reader.size(upTo: reader.left))
    }
    for field in fields {
      switch field.type {
      case .text: try mark(&marks, wanted, &reader)
      case .number, .flag: try NumberColumn.skip(&reader, count: count)
      }
    }
    return Scan(times: times, rows: marks.indices.filter { marks[$0] })
  }

  /// By the number that a text has in the block, whether it is one of those asked for; 0 is the missing one.
  private static func numbers(
    of texts: Set<[UInt8]>, _ reader: inout StateReader
  ) throws(StateDamage) -> [Bool] {
    let lengths = Set(texts.map(\.count))
    let count = try reader.count()
    var wanted = [Bool](repeating: false, count: count + 1)
    for number in 0..<count {
      let text = try reader.raw()
      if lengths.contains(text.count), texts.contains(Array(text)) { wanted[number + 1] = true }
    }
    return wanted
  }

  /// Marks the rows of a text column that hold a wanted text; with nothing wanted it is gone over.
  private static func mark(
    _ marks: inout [Bool], _ wanted: [Bool], _ reader: inout StateReader
  ) throws(StateDamage) {
    switch try reader.byte() {
    case 0:
      let number = try reader.size(upTo: .max)
      if number < wanted.count, wanted[number] {
        for row in marks.indices { marks[row] = true }
      }
    case 1:
      if wanted.isEmpty { return try reader.skipWords(marks.count) }
      for row in marks.indices {
        let number = try reader.size(upTo: .max)
        if number < wanted.count, wanted[number] { marks[row] = true }
      }
    default: throw StateDamage(what: "a column is of an unknown form")
    }
  }
}
