import Glibc

/// The last 128 values of a series, and what windows of 1, 4, 16 and 64 of them show.
struct RecentValues: Sendable {
  /// Lengths of the windows, in values.
  static let spans = [1, 4, 16, 64]
  private static let capacity = 128

  private var values = [Double](repeating: 0, count: capacity)
  private var next = 0
  private(set) var count = 0

  mutating func add(_ value: Double) {
    values[next] = value
    next = (next + 1) & (RecentValues.capacity - 1)
    if count < RecentValues.capacity { count += 1 }
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.fixedNumbers(&values)
    coder.whole(&next, in: 0...(RecentValues.capacity - 1))
    coder.whole(&count, in: 0...RecentValues.capacity)
  }

  /// One window: its mean, its standard deviation, and how far its mean lies above that of the window before.
  ///
  /// A window that is not yet full holds what there is; the change is 0 until there is a value before it.
  struct Shape {
    var mean = 0.0
    var change = 0.0
    var deviation = 0.0
  }

  /// - Parameter span: at most 64; at least one value has been added.
  func shape(_ span: Int) -> Shape {
    let mask = RecentValues.capacity - 1
    let held = min(span, count)
    var sum = 0.0
    var place = next
    for _ in 0..<held {
      place = (place - 1) & mask
      sum += values[place]
    }
    let mean = sum / Double(held)
    var shape = Shape(mean: mean)
    let before = min(span, count - held)
    if before > 0 {
      var earlier = 0.0
      for _ in 0..<before {
        place = (place - 1) & mask
        earlier += values[place]
      }
      shape.change = mean - earlier / Double(before)
    }
    if held > 1 {
      var squares = 0.0
      place = next
      for _ in 0..<held {
        place = (place - 1) & mask
        squares += (values[place] - mean) * (values[place] - mean)
      }
      shape.deviation = (squares / Double(held)).squareRoot()
    }
    return shape
  }
}
