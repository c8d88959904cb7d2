/// Adds up the derivatives of rows by bin, for a range of features: the work that most of training consists of.
enum GradientHistogram {
  /// Sets `target` (all bins of the features in `columns`, one feature after another) to the sums over `rows`.
  ///
  /// Rows are added as packed words into `scratch`, as small as the first-level cache, and unpacked every 4,096.
  @inline(__always)
  static func build(
    rows: UnsafeBufferPointer<UInt32>, bins: UnsafePointer<UInt8>, rowStride: Int,
    columns: Range<Int>, offsets: UnsafePointer<Int32>, derivatives: UnsafePointer<Int64>,
    scratch: UnsafeMutablePointer<Int64>, target: UnsafeMutablePointer<GradientSums>
  ) {
    let origin = Int(offsets[columns.lowerBound])
    let size = Int(offsets[columns.upperBound]) - origin
    let width = columns.count
    withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Int64>.self, capacity: width) { bases in
      guard let base = bases.baseAddress else { return }
      for column in 0..<width {
        base[column] = scratch + (Int(offsets[columns.lowerBound + column]) - origin)
      }
      let first = bins + columns.lowerBound
      target.update(repeating: .zero, count: size)
      var start = 0
      while start < rows.count {
        let end = min(start + Gradients.burst, rows.count)
        scratch.update(repeating: 0, count: size)
        for position in start..<end {
          let row = Int(rows[position])
          let word = derivatives[row]
          let cells = first + row &* rowStride
          var column = 0
          while column &+ 4 <= width {
            let (a, b) = (Int(cells[column]), Int(cells[column &+ 1]))
            let (c, d) = (Int(cells[column &+ 2]), Int(cells[column &+ 3]))
            base[column][a] &+= word
            base[column &+ 1][b] &+= word
            base[column &+ 2][c] &+= word
            base[column &+ 3][d] &+= word
            column &+= 4
          }
          while column < width {
            base[column][Int(cells[column])] &+= word
            column &+= 1
          }
        }
        for bin in 0..<size {
          let word = scratch[bin]
          target[bin] &+= GradientSums(word >> 32, word & 0xFFFF_FFFF)
        }
        start = end
      }
    }
  }
}
