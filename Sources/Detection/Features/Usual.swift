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

  /// Of at least one number, none of them missing.
  init(_ values: inout [Float], basis: Basis) {
    values.sort()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(values.count - 1)
      let (below, above) = (values[Int(place)], values[min(values.count - 1, Int(place) + 1)])
      return Double(below) + (place - place.rounded(.down)) * (Double(above) - Double(below))
    }
    self.init(
      median: quantile(0.5), low: quantile(0.1), high: quantile(0.9), count: values.count,
      basis: basis)
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
    let width = states[0].stages[stage].program.normals.count + 1
    var values: [Float] = []
    var owners: Set<UInt32> = []
    for partition in 0..<EntityStore.partitions {
      let peers = states[partition % shards].stages[stage].peers[partition]
      for place in peers.places(
        before: view.arrival, of: view.kind, without: view.owner)
      {
        let value = peers.cells[place * width + lane + 1]
        if !value.isFinite { continue }
        values.append(value)
        if owners.count < Usual.fewestPeers { owners.insert(peers.owners[place]) }
      }
    }
    guard owners.count >= Usual.fewestPeers, values.count >= Usual.fewest else { return nil }
    return Usual(&values, basis: .overall)
  }

  /// A table for what is normal, with room for `usual`.
  package func normalTable(capacity: Int = EventBatch.standardCapacity) -> NormalTable {
    NormalTable(columns: normalColumns, capacity: capacity, stages: states[0].stages.count)
  }
}
