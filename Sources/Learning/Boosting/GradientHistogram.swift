import CPrefetch

/// Adds up the derivatives of rows by bin, for a range of features: the work that most of training consists of.
enum GradientHistogram {
  /// Places that each feature has in a histogram, whatever the number of its bins.
  static let stride = 256
  /// Features whose sums fit into a first-level cache together: 16 × 256 words are 32 KiB.
  static let block = 16

  /// Rows between the one that is added and the one that is fetched: a deep node's rows lie far apart, and what is
  /// asked for only when it is needed is waited for.
  private static let ahead = 24

  /// Sets `target`, the sums of the features in `columns`, from the words of some rows.
  @inline(__always)
  static func build(
    rows: UnsafeBufferPointer<UInt32>, bins: UnsafePointer<UInt8>, rowStride: Int,
    columns: Range<Int>, words: UnsafePointer<Int64>, target: UnsafeMutablePointer<Int64>
  ) {
    let width = columns.count
    target.update(repeating: 0, count: width &* stride)
    let first = bins + columns.lowerBound
    let last = rows.count &- 1
    for position in 0..<rows.count {
      let next = Int(rows[min(position &+ ahead, last)])
      prefetch_for_reading(first + next &* rowStride)
      prefetch_for_reading(words + next)
      let row = rows[position]
      let word = words[Int(row)]
      let cells = first + Int(row) &* rowStride
      var column = 0
      var sums = target
      while column &+ 8 <= width {
        let own = cells + column
        sums[Int(own[0])] &+= word
        sums[stride &+ Int(own[1])] &+= word
        sums[2 &* stride &+ Int(own[2])] &+= word
        sums[3 &* stride &+ Int(own[3])] &+= word
        sums[4 &* stride &+ Int(own[4])] &+= word
        sums[5 &* stride &+ Int(own[5])] &+= word
        sums[6 &* stride &+ Int(own[6])] &+= word
        sums[7 &* stride &+ Int(own[7])] &+= word
        column &+= 8
        sums += 8 &* stride
      }
      while column < width {
        sums[Int(cells[column])] &+= word
        column &+= 1
        sums += stride
      }
    }
  }
}
