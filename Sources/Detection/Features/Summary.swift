/// Count, sum, spread and extremes of a run of numbers, in a form that merges without loss.
///
/// Numbers are held as differences to the first one, and sums of squares as differences to the mean (the pairwise update
/// of Chan, Golub and LeVeque, 1983), so a spread of 1e-3 around 1e9 keeps its digits. Nothing is ever subtracted from a
/// summary: numbers leave by building another, so a huge value that has left a window leaves no trace.
struct Summary {
  var count = 0.0
  /// The first number; the origin of `sum`.
  var origin = 0.0
  /// Sum of the differences to `origin`.
  var sum = 0.0
  /// Sum of the squared differences to the mean.
  var squares = 0.0
  var smallest = Double.infinity
  var largest = -Double.infinity

  var total: Double { count * origin + sum }
  var mean: Double { origin + sum / count }
  /// Sample standard deviation; missing below two numbers.
  var deviation: Double { count < 2 ? .nan : (squares / (count - 1)).squareRoot() }

  /// Numbers `start ..< end`, at least one; the same numbers give the same bits wherever they lie.
  @inline(__always)
  init(_ values: UnsafePointer<Double>, _ start: Int, _ end: Int, spread: Bool, extremes: Bool) {
    let origin = values[start]
    let count = end - start
    let raw = UnsafeRawPointer(values + start)
    let lanes = count & ~3
    var sums = SIMD4<Double>.zero
    var index = 0
    while index < lanes {
      sums += raw.loadUnaligned(fromByteOffset: index * 8, as: SIMD4<Double>.self) - origin
      index += 4
    }
    var sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
    while index < count {
      sum += values[start + index] - origin
      index += 1
    }
    self.count = Double(count)
    self.origin = origin
    self.sum = sum
    if spread {
      let center = sum / Double(count)
      var squared = SIMD4<Double>.zero
      index = 0
      while index < lanes {
        let d =
          (raw.loadUnaligned(fromByteOffset: index * 8, as: SIMD4<Double>.self) - origin) - center
        squared += d * d
        index += 4
      }
      var squares = (squared[0] + squared[1]) + (squared[2] + squared[3])
      while index < count {
        let d = (values[start + index] - origin) - center
        squares += d * d
        index += 1
      }
      self.squares = squares
    }
    if extremes {
      for index in start..<end {
        let x = values[index]
        if x < smallest { smallest = x }
        if x > largest { largest = x }
      }
    }
  }

  init() {}

  /// Appends the numbers of another summary.
  mutating func append(_ other: Summary) {
    if other.count == 0 { return }
    if count == 0 {
      self = other
      return
    }
    let shift = other.origin - origin
    let all = count + other.count
    let apart = shift + (other.sum / other.count - sum / count)
    squares += other.squares + apart * apart * (count * other.count / all)
    sum += other.sum + other.count * shift
    count = all
    if other.smallest < smallest { smallest = other.smallest }
    if other.largest > largest { largest = other.largest }
  }
}
