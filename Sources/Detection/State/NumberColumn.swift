/// The numbers of one field as bytes: nothing where all are missing, whole multiples of a decimal unit where all are such, and
/// their 64 bits otherwise. They come back as they were to the last bit.
enum NumberColumn {
  private enum Form {
    static let missing: UInt8 = 0
    static let decimal: UInt8 = 1
    static let bits: UInt8 = 2
  }

  /// Units that are tried: 1, a tenth, … a millionth.
  private static let units: [Double] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
  /// Beyond it a double is no multiple of small units.
  private static let most = 9e15

  static func write(
    _ cells: UnsafeMutablePointer<Double>, _ rows: Range<Int>, _ columns: inout ByteColumn
  ) {
    columns.reserve(rows.count * ByteColumn.widest + 16)
    if rows.allSatisfy({ cells[$0].isNaN }) { return columns.byte(Form.missing) }
    let start = columns.count
    for (place, unit) in units.enumerated() {
      columns.byte(Form.decimal)
      columns.byte(UInt8(place))
      if decimals(cells, rows, unit, &columns) { return }
      columns.cut(to: start)
    }
    columns.byte(Form.bits)
    for row in rows { columns.fixed(cells[row].bitPattern) }
  }

  /// Stops at the first number that is no multiple of the unit.
  private static func decimals(
    _ cells: UnsafeMutablePointer<Double>, _ rows: Range<Int>, _ unit: Double,
    _ columns: inout ByteColumn
  ) -> Bool {
    for row in rows {
      let x = cells[row]
      if x.isNaN {
        columns.byte(0)
        continue
      }
      let scaled = x * unit
      guard scaled > -most && scaled < most else { return false }
      let whole = Int64(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
      guard (Double(whole) / unit).bitPattern == x.bitPattern else { return false }
      columns.word(ByteColumn.folded(whole) &+ 1)
    }
    return true
  }

  /// Goes over a column without its numbers.
  static func skip(_ reader: inout StateReader, count: Int) throws(StateDamage) {
    switch try reader.byte() {
    case Form.missing: return
    case Form.decimal:
      _ = try reader.byte()
      try reader.skipWords(count)
    case Form.bits: try reader.skip(8 * count)
    default: throw StateDamage(what: "a column is of an unknown form")
    }
  }

  static func read(
    _ reader: inout StateReader, count: Int
  ) throws(StateDamage) -> [Double]? {
    switch try reader.byte() {
    case Form.missing: return nil
    case Form.decimal:
      let place = Int(try reader.byte())
      guard place < units.count else { throw StateDamage(what: "a unit is unknown") }
      var values: [Double] = []
      values.reserveCapacity(count)
      for _ in 0..<count {
        let word = try reader.word()
        values.append(word == 0 ? .nan : Double(ByteColumn.unfolded(word - 1)) / units[place])
      }
      return values
    case Form.bits:
      var values: [Double] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(try reader.number()) }
      return values
    default: throw StateDamage(what: "a column is of an unknown form")
    }
  }
}
