/// Cuts each feature's range into at most 255 bins of about equal weight, so that a value fits into one byte.
///
/// Bin 0 is missing; bin b above 0 holds the values from cut b − 2 up to, not including, cut b − 1 of its feature.
/// Cuts are exact quantiles of the training rows, halfway between neighbouring values, as 32-bit floats. In a column of
/// categories each has a bin, in their order.
package struct Binner: Sendable, Equatable {
  package static let missing: UInt8 = 0

  /// The cuts of all features one after another, rising within each.
  package let cuts: [Float]
  /// Where each feature's cuts begin, and the end of the last.
  package let starts: [Int]
  /// Features with +∞ among their training values: no threshold has all their present values below it.
  package let reachesInfinity: [Bool]
  /// Columns whose bins are categories and have no order.
  package let isCategorical: [Bool]

  package var columns: Int { starts.count - 1 }

  package func cuts(of column: Int) -> ArraySlice<Float> {
    cuts[starts[column]..<starts[column + 1]]
  }

  /// Bins of a feature, the missing one included.
  package func binCount(_ column: Int) -> Int { starts[column + 1] - starts[column] + 2 }

  package init(_ table: NumericTable, bins: Int = 256, workers: Workers = Workers(threads: 1)) {
    precondition((3...256).contains(bins), "a bin is a byte and one bin is missing")
    let columns = table.columns
    var perColumn = [(cuts: [Float], infinite: Bool)](repeating: ([], false), count: columns)
    perColumn.withUnsafeMutableBufferPointer { results in
      workers.perform(columns) { column in
        if table.isCategorical(column) {
          let count = table.categories[column].count
          precondition(count < bins, "every category has a bin")
          results[column] = ((1..<count).map { Float($0) - 0.5 }, false)
        } else {
          results[column] = Binner.cuts(of: column, in: table, limit: bins - 2)
        }
      }
    }
    var starts = [0]
    for column in perColumn { starts.append(starts[starts.count - 1] + column.cuts.count) }
    cuts = perColumn.flatMap { $0.cuts }
    reachesInfinity = perColumn.map { $0.infinite }
    isCategorical = (0..<columns).map { table.isCategorical($0) }
    self.starts = starts
  }

  private static func cuts(
    of column: Int, in table: NumericTable, limit: Int
  ) -> (cuts: [Float], infinite: Bool) {
    var keys: [UInt32] = []
    keys.reserveCapacity(table.rows)
    table.values.withUnsafeBufferPointer { values in
      var index = column
      for _ in 0..<table.rows {
        let value = values[index]
        // Adding 0 makes one zero of the two, which compare equal.
        if !value.isNaN { keys.append(orderedKey(value + 0)) }
        index += table.columns
      }
    }
    radixSort(&keys)
    return (quantileCuts(keys, limit: limit), keys.last.map { value(of: $0) } == .infinity)
  }

  /// Walks the sorted values and closes a bin once it holds its share of the rows that are left.
  private static func quantileCuts(_ keys: [UInt32], limit: Int) -> [Float] {
    var distinct = 0
    var index = 0
    while index < keys.count, distinct <= limit + 1 {
      distinct += 1
      let key = keys[index]
      while index < keys.count, keys[index] == key { index += 1 }
    }
    let all = index == keys.count && distinct <= limit + 1
    var cuts: [Float] = []
    var inBin = 0
    var done = 0
    index = 0
    while index < keys.count {
      let key = keys[index]
      let from = index
      while index < keys.count, keys[index] == key { index += 1 }
      inBin += index - from
      if index == keys.count || cuts.count == limit { break }
      let share = Double(keys.count - done) / Double(limit + 1 - cuts.count)
      if all || Double(inBin) >= share {
        if let cut = between(value(of: key), value(of: keys[index])) {
          cuts.append(cut)
          done += inBin
          inBin = 0
        }
      }
    }
    return cuts
  }

  /// A finite number above the lower value and not above the upper one; missing where there is none.
  private static func between(_ low: Float, _ high: Float) -> Float? {
    let middle = Float((Double(low) + Double(high)) / 2)
    if middle.isFinite && middle > low && middle <= high { return middle }
    if high.isFinite { return high }
    return low < .greatestFiniteMagnitude ? .greatestFiniteMagnitude : nil
  }

  /// Bits whose order as whole numbers is the order of the floats.
  private static func orderedKey(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
  }

  private static func value(of key: UInt32) -> Float {
    Float(bitPattern: key & 0x8000_0000 != 0 ? key & 0x7FFF_FFFF : ~key)
  }

  /// Three passes of 11 bits, least significant first.
  private static func radixSort(_ keys: inout [UInt32]) {
    var other = [UInt32](repeating: 0, count: keys.count)
    for shift: UInt32 in [0, 11, 22] {
      var places = [Int](repeating: 0, count: 2049)
      for key in keys { places[Int((key >> shift) & 2047) + 1] += 1 }
      for digit in 1...2048 { places[digit] += places[digit - 1] }
      for key in keys {
        let digit = Int((key >> shift) & 2047)
        other[places[digit]] = key
        places[digit] += 1
      }
      swap(&keys, &other)
    }
  }
}
