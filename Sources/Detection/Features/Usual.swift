/// What is usual in one column: the median of samples, and from where to where four in five of them lie.
package struct Usual: Hashable, Sendable {
  /// Which samples it speaks of.
  package enum Basis: Hashable, Sendable {
    /// Those of one hour of the source's week, 0 ... 167 from Monday's first.
    case hourOfWeek(Int)
    /// Those of one hour of the source's day, 0 ... 23.
    case hourOfDay(Int)
    /// All.
    case overall
  }

  package var median: Double
  /// A tenth of the samples lies below, a tenth above `high`, by linear interpolation.
  package var low: Double
  package var high: Double
  /// Samples.
  package var count: Int
  package var basis: Basis
  /// After how much it begins again, as hours of the day do after 24; 0 where it does not. Where it does, `low` above `high`
  /// stands for a range over the turn: 22 to 4.
  package var period = 0.0

  /// Whether a value lies in the range.
  package func contains(_ value: Double) -> Bool {
    if period > 0 && low > high { return value >= low || value <= high }
    let margin = 1e-6 * abs(median)
    return value >= low - margin && value <= high + margin
  }

  /// How far a value is from the median, the short way round.
  package func distance(_ value: Double) -> Double {
    let straight = abs(value - median)
    return period > 0 ? min(straight, abs(period - straight)) : straight
  }

  /// Half of the range.
  package var spread: Double { (low > high ? high - low + period : high - low) / 2 }

  package init(median: Double, low: Double, high: Double, count: Int, basis: Basis) {
    self.median = median
    self.low = low
    self.high = high
    self.count = count
    self.basis = basis
  }

  /// Of at least one number, none of them missing; their order is changed.
  init(_ values: inout [Float], basis: Basis) {
    let last = values.count - 1
    let (median, low, high) = values.withUnsafeMutableBufferPointer { values in
      func quantile(_ share: Double, of part: Range<Int>) -> Double {
        let place = share * Double(last)
        let below = values.select(Int(place), in: part)
        if Int(place) == last { return Double(below) }
        // All that lies behind a selected place is as large or larger.
        let above = values[(Int(place) + 1)...].min() ?? below
        return Double(below) + (place - place.rounded(.down)) * (Double(above) - Double(below))
      }
      let middle = Int(0.5 * Double(last))
      let median = quantile(0.5, of: 0..<values.count)
      let low = quantile(0.1, of: 0..<(middle + 1))
      return (median, low, quantile(0.9, of: min(last, middle + 1)..<values.count))
    }
    self.init(median: median, low: low, high: high, count: values.count, basis: basis)
  }

  /// Of whole numbers that begin again after a period, as hours do: the circle is cut where nothing is for longest.
  init(_ values: inout [Float], period: Float, basis: Basis) {
    values.sort()
    var widest = (gap: values[0] + period - values[values.count - 1], place: 0)
    for place in values.indices.dropFirst() where values[place] - values[place - 1] > widest.gap {
      widest = (values[place] - values[place - 1], place)
    }
    for place in 0..<widest.place { values[place] += period }
    self.init(&values, basis: basis)
    func turned(_ x: Double) -> Double {
      x.rounded().truncatingRemainder(dividingBy: Double(period))
    }
    (median, low, high) = (turned(median), turned(low), turned(high))
    self.period = Double(period)
  }

  /// Samples of one hour of the week, of one hour of the day and of all hours from which on they say what is usual.
  static let fewestOfWeek = 4
  static let fewestOfDay = 6
  static let fewest = 8
  /// Peers whose samples say what is usual among them.
  static let fewestPeers = 3
}

extension UnsafeMutableBufferPointer<Float> {
  /// The number that would stand at a place if those of a part were in ascending order; moves them so that what lies before
  /// the place is as small or smaller, what lies behind as large or larger (Hoare, "Find", 1961).
  fileprivate func select(_ place: Int, in part: Range<Int>) -> Float {
    var (low, high) = (part.lowerBound, part.upperBound - 1)
    while low < high {
      let pivot = self[(low + high) / 2]
      var (left, right) = (low, high)
      while left <= right {
        while self[left] < pivot { left += 1 }
        while self[right] > pivot { right -= 1 }
        if left <= right {
          swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if place <= right {
        high = right
      } else if place >= left {
        low = left
      } else {
        break
      }
    }
    return self[place]
  }
}
