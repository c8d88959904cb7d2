/// Where a value stands among all earlier ones, from a bounded sample of them.
///
/// Every value is kept until 512 are held; then every second one goes and from there on only every second arrival is
/// taken, and so on: an evenly spaced sample of the whole past. Deterministic; the rank is right to about 1/256.
struct RankSketch: Sendable {
  static let capacity = 512

  /// Ascending, with the number of each among those taken.
  private var values: [Double] = []
  private var orders: [Int32] = []
  private var stride = 1
  private var arrivals = 0
  private var taken: Int32 = 0

  init() {
    values.reserveCapacity(RankSketch.capacity)
    orders.reserveCapacity(RankSketch.capacity)
  }

  /// The share of earlier values below this one, 0 to 1, ties counted half; then the value is taken in.
  mutating func rank(adding value: Double) -> Double {
    let low = place(of: value, after: false)
    var high = low
    if low < values.count && values[low] == value { high = place(of: value, after: true) }
    let rank = (Double(low) + Double(high) + 1) / 2 / (Double(values.count) + 1)
    if arrivals % stride == 0 {
      values.insert(value, at: low)
      orders.insert(taken, at: low)
      taken += 1
      if values.count == RankSketch.capacity { halve() }
    }
    arrivals &+= 1
    return rank
  }

  /// The first place whose value is not below (or, `after`, is above) the given one.
  private func place(of value: Double, after: Bool) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      let isBefore = after ? values[middle] <= value : values[middle] < value
      if isBefore { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func halve() {
    var kept = 0
    for place in 0..<values.count where orders[place] % 2 == 0 {
      values[kept] = values[place]
      orders[kept] = orders[place] / 2
      kept += 1
    }
    values.removeLast(values.count - kept)
    orders.removeLast(orders.count - kept)
    taken = (taken + 1) / 2
    stride *= 2
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.numbers(&values, upTo: RankSketch.capacity - 1)
    coder.list(&orders, upTo: values.count, empty: 0) {
      $0.whole(&$1, in: 0...Int32(RankSketch.capacity))
    }
    coder.require(orders.count == values.count, "a rank lacks its value")
    coder.whole(&stride, in: 1...StateCoder.most)
    coder.whole(&arrivals, in: 0...StateCoder.most)
    coder.whole(&taken, in: 0...Int32(RankSketch.capacity))
  }
}
