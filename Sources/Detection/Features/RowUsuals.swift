/// What was usual before one row of the batch that was processed last. For one thread, until the next batch.
///
/// The entity's own: its newest samples, 256 at most (see `ProfileHead` for which events are sampled), those of the same hour
/// of the week where there are 4, else those of the same hour of the day where there are 6, else all where there are 8. Its peers':
/// the newest samples of other entities of the same scope and field, of the 8 newest of each of 64 partitions. Exact but for the rounding to
/// single precision and what sampling leaves out: a median of n samples lies between the 50 ± 98 / √n percentiles of all
/// events with a probability of 95 %, for 256 samples between the 44th and the 56th.
package struct RowUsuals {
  let engine: FeatureEngine
  let samples: SampleTable
  let row: Int
  /// By stage, where the samples lie; looked for when a column of it is first asked for.
  private var places: [Places?]
  private var values: [Float] = []

  private struct Places {
    var all: [UnsafeMutablePointer<Float>] = []
    var ofDay: [UnsafeMutablePointer<Float>] = []
    var ofWeek: [UnsafeMutablePointer<Float>] = []
  }

  init(_ engine: FeatureEngine, _ samples: SampleTable, row: Int) {
    self.engine = engine
    self.samples = samples
    self.row = row
    places = .init(repeating: nil, count: samples.stages)
  }

  /// The entity's own; missing where too little is known, and for late rows.
  ///
  /// - Parameters:
  ///   - position: among the columns of which it can be told.
  ///   - byHour: whether the hour matters; not where the column is the hour itself.
  ///   - period: after how much the column's numbers begin again; 0 where they do not.
  package mutating func own(_ position: Int, byHour: Bool = true, period: Float = 0) -> Usual? {
    guard let (stage, lane) = engine.profileLanes[position] else { return nil }
    let view = samples.view(row, stage)
    guard let block = view.block?.pointee else { return nil }
    let known = places[stage] ?? RowUsuals.places(view, block)
    places[stage] = known
    if byHour {
      gather(known.ofWeek, lane)
      if values.count >= Usual.fewestOfWeek {
        return Usual(&values, basis: .hourOfWeek(Int(view.hour)))
      }
      gather(known.ofDay, lane)
      if values.count >= Usual.fewestOfDay {
        return Usual(&values, basis: .hourOfDay(Int(view.hour % 24)))
      }
    }
    gather(known.all, lane)
    if values.count < Usual.fewest { return nil }
    return period > 0
      ? Usual(&values, period: period, basis: .overall) : Usual(&values, basis: .overall)
  }

  /// The peers'; missing where fewer than three others are known by fewer than eight samples.
  package mutating func peers(_ position: Int) -> Usual? {
    guard let (stage, lane) = engine.profileLanes[position] else { return nil }
    let view = samples.view(row, stage)
    if view.owner == 0 { return nil }
    let width = engine.states[0].stages[stage].program.sampled.count + 1
    values.removeAll(keepingCapacity: true)
    values.reserveCapacity(EntityStore.partitions * PeerSamples.most)
    var owners: [UInt32] = []
    for partition in 0..<EntityStore.partitions {
      engine.states[partition % engine.shards].stages[stage].peers[partition].gather(
        lane + 1, width: width, beside: view, into: &values, &owners)
    }
    guard owners.count >= Usual.fewestPeers, values.count >= Usual.fewest else { return nil }
    return Usual(&values, basis: .overall)
  }

  /// The finite values of one lane at some places.
  private mutating func gather(_ places: [UnsafeMutablePointer<Float>], _ lane: Int) {
    values.removeAll(keepingCapacity: true)
    for sample in places {
      let value = sample[lane + 1]
      if value.isFinite { values.append(value) }
    }
  }

  private static func places(_ view: ProfileView, _ block: ProfileBlock) -> Places {
    var places = Places()
    for number in (view.end - min(view.end, UInt64(view.limit)))..<view.end {
      let sample = block.sample(number)
      let hour = Int32(sample[0])
      places.all.append(sample)
      if hour % 24 == view.hour % 24 { places.ofDay.append(sample) }
      if hour == view.hour { places.ofWeek.append(sample) }
    }
    return places
  }
}

extension FeatureEngine {
  /// Answers what was usual before a row of the batch that was processed last.
  package func usuals(row: Int, in samples: SampleTable) -> RowUsuals {
    RowUsuals(self, samples, row: row)
  }

  /// A table for what rows know of samples.
  package func sampleTable(capacity: Int = EventBatch.standardCapacity) -> SampleTable {
    SampleTable(columns: sampledColumns, capacity: capacity, stages: states[0].stages.count)
  }
}
