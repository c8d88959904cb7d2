import Primitives

extension EventBlock {
  /// One number of the events that are about one entity, with the times of all events of the block.
  package struct Readings: Sendable {
    /// Microseconds, by row.
    package var times: [Int64]
    /// In order of rows.
    package var own: [Reading]
  }

  package struct Reading: Sendable {
    package var row: Int
    package var zoneOffsetSeconds: Int32
    /// The field of the event's first entity.
    package var field: String
    package var isOfKind: Bool
    /// NaN where missing.
    package var value: Double
  }

  /// Reads one number of the events whose first entity has a name, and leaves the rest of the block where it is: nothing is
  /// interned, and of the columns only those that say whom an event is about are looked at.
  ///
  /// - Parameters:
  ///   - number: the field of the number.
  ///   - kind: what `isOfKind` asks for.
  ///   - room: the most events that a block may hold.
  /// - Throws: where the bytes are no block. What would not be read out of a damaged column is not looked at.
  package static func readings(
    _ bytes: [UInt8], of number: String, entity: String, kind: String,
    room: Int = EventBatch.standardCapacity
  ) throws(StateDamage) -> Readings {
    var reader = StateReader(bytes[...])
    let count = try Contents.head(&reader, room: room)
    let fields = try Contents.fields(&reader)
    let (named, ofKind) = try numbers(of: entity, kind, &reader)
    var time: Int64 = 0
    let times = try reader.words(count).map { word -> Int64 in
      time &+= StateReader.unfolded(word)
      return time
    }
    guard let named else { return Readings(times: times, own: []) }
    let zones = try reader.words(count)
    // The text field of each event's first entity by its place among them, from 1.
    let primaries = try reader.words(count)
    let kinds = try symbols(count, &reader)
    _ = try symbols(count, &reader)
    for _ in 0..<count {
      _ = try reader.word()
      try reader.skip(try reader.size(upTo: reader.left))
    }
    var own: [Reading] = []
    var values: [Double]?
    var place: UInt64 = 0
    for field in fields {
      switch field.type {
      case .text:
        place += 1
        let symbols = try symbols(count, &reader)
        for row in 0..<count where primaries[row] == place && symbols[row] == named {
          own.append(
            Reading(
              row: row, zoneOffsetSeconds: 0, field: field.name, isOfKind: kinds[row] == ofKind,
              value: .nan))
        }
      case .number, .flag:
        if field.name == number && field.type == .number {
          values = try NumberColumn.read(&reader, count: count)
        } else {
          try NumberColumn.skip(&reader, count: count)
        }
      }
    }
    own.sort { $0.row < $1.row }
    var zone: Int64 = 0
    var next = 0
    for place in own.indices {
      let row = own[place].row
      while next <= row {
        zone &+= StateReader.unfolded(zones[next])
        next += 1
      }
      guard let offset = Int32(exactly: zone) else {
        throw StateDamage(what: "a number is out of range")
      }
      own[place].zoneOffsetSeconds = offset
      if let values { own[place].value = values[row] }
    }
    return Readings(times: times, own: own)
  }

  /// The numbers that two texts have in the block; missing for one that it does not hold.
  private static func numbers(
    of first: String, _ second: String, _ reader: inout StateReader
  ) throws(StateDamage) -> (UInt64?, UInt64?) {
    let wanted = [Array(first.utf8), Array(second.utf8)]
    var found: [UInt64?] = [nil, nil]
    for number in 0..<(try reader.count()) {
      let text = try reader.raw()
      for (place, one) in wanted.enumerated()
      where one.count == text.count && text.elementsEqual(one) {
        found[place] = UInt64(number) + 1
      }
    }
    return (found[0], found[1])
  }

  /// A column of texts by their numbers; 0 is the missing one.
  private static func symbols(
    _ count: Int, _ reader: inout StateReader
  ) throws(StateDamage) -> [UInt64] {
    switch try reader.byte() {
    case 0: return Array(repeating: try reader.word(), count: count)
    case 1: return try reader.words(count)
    default: throw StateDamage(what: "a column is of an unknown form")
    }
  }
}
