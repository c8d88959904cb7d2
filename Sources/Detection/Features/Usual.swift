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

  /// Samples of one hour of the week, of one hour of the day and of all hours from which on they say what is usual.
  static let fewestOfWeek = 4
  static let fewestOfDay = 6
  static let fewest = 8
  /// Peers whose samples say what is usual among them.
  static let fewestPeers = 3
}

/// What was usual before a row of the batch that was processed last. For one thread, between batches.
///
/// The entity's own: its newest samples, 256 at most (see `ProfileHead` for which events are sampled), those of the same hour
/// of the week where there are 4, else those of the same hour of the day where there are 6, else all where there are 8. Its peers':
/// the newest samples of other entities of the same scope and field, of the 8 newest of each of 64 partitions. Exact but for the rounding to
/// single precision and what sampling leaves out: a median of n samples lies between the 50 ± 98 / √n percentiles of all
/// events with a probability of 95 %, for 256 samples between the 44th and the 56th.
extension FeatureEngine {
  /// The entity's own; missing where too little is known, and for late rows.
  ///
  /// - Parameters:
  ///   - position: among the columns whose normal range is tracked.
  ///   - byHour: whether the hour matters; not where the column is the hour itself.
  package func usual(
    row: Int, position: Int, in normals: NormalTable, byHour: Bool = true
  ) -> Usual? {
    guard let (stage, lane) = profileLanes[position], normals.stages > 0 else { return nil }
    let view = normals.view(row, stage)
    guard let block = view.block?.pointee else { return nil }
    var all: [Float] = []
    var ofDay: [Float] = []
    var ofWeek: [Float] = []
    for number in (view.end - min(view.end, UInt64(view.limit)))..<view.end {
      let sample = block.sample(number)
      let value = sample[lane + 1]
      if !value.isFinite { continue }
      let hour = Int32(sample[0])
      all.append(value)
      if hour % 24 == view.hour % 24 { ofDay.append(value) }
      if hour == view.hour { ofWeek.append(value) }
    }
    if byHour && ofWeek.count >= Usual.fewestOfWeek {
      return Usual(&ofWeek, basis: .hourOfWeek(Int(view.hour)))
    }
    if byHour && ofDay.count >= Usual.fewestOfDay {
      return Usual(&ofDay, basis: .hourOfDay(Int(view.hour % 24)))
    }
    return all.count >= Usual.fewest ? Usual(&all, basis: .overall) : nil
  }

  /// The peers'; missing where fewer than three others are known by fewer than eight samples.
  package func usualOfPeers(row: Int, position: Int, in normals: NormalTable) -> Usual? {
    guard let (stage, lane) = profileLanes[position], normals.stages > 0 else { return nil }
    let view = normals.view(row, stage)
    if view.owner == 0 { return nil }
    let width = states[0].stages[stage].program.sampled.count + 1
    var values: [Float] = []
    values.reserveCapacity(EntityStore.partitions * PeerSamples.most)
    var owners: [UInt32] = []
    for partition in 0..<EntityStore.partitions {
      states[partition % shards].stages[stage].peers[partition].gather(
        lane + 1, width: width, beside: view, into: &values, &owners)
    }
    guard owners.count >= Usual.fewestPeers, values.count >= Usual.fewest else { return nil }
    return Usual(&values, basis: .overall)
  }

  /// A table for what is normal, with room for `usual`.
  package func normalTable(capacity: Int = EventBatch.standardCapacity) -> NormalTable {
    NormalTable(columns: normalColumns, capacity: capacity, stages: states[0].stages.count)
  }
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
