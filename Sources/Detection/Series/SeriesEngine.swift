package import Primitives

/// Watches every series of a stream: one detector for each first entity of an event that carries a number.
///
/// Call `process` once for each batch and shard, batches in order of arrival within a shard; different shards may run on
/// different threads at the same time. A shard owns the series whose hash falls to it and writes their rows, so verdicts
/// are the same for any number of shards. At most `mostSeries` are remembered: in each of 64 partitions the one that
/// has been silent longest makes room for a new one, which starts anew.
package final class SeriesEngine: @unchecked Sendable {
  // Unchecked because each shard's partitions are touched only by the caller of `process` for that shard.
  package let shards: Int
  private static let partitionCount = 64

  private let slot: Int
  private let kind: Symbol
  private let schema: Schema
  private let interner: Interner
  private let partitionCap: Int
  private let partitions: [Partition]
  /// One a shard, so that no two threads share one.
  private let hashes: [SymbolHashes]

  private struct Series {
    /// The text field of the entity, and its name.
    var slot: Int
    var name: Symbol
    var lastArrival: UInt64 = 0
    var detector = SeriesDetector()

    var key: UInt64 { Series.key(slot, name) }

    static func key(_ slot: Int, _ name: Symbol) -> UInt64 {
      UInt64(truncatingIfNeeded: slot) << 32 | UInt64(name.rawValue)
    }
  }

  /// A class so that shards never share an array.
  private final class Partition {
    var places: [UInt64: Int] = [:]
    var series: [Series] = []
    /// Values so far: what orders series by their last one.
    var arrivals: UInt64 = 0
  }

  /// - Parameters:
  ///   - slot: the number field that holds a series' value.
  ///   - kind: events of other kinds are passed over.
  package init(
    slot: Int, kind: Symbol, schema: Schema, interner: Interner, shards: Int,
    mostSeries: Int = 12_800
  ) {
    precondition((1...SeriesEngine.partitionCount).contains(shards), "an engine has 1 to 64 shards")
    precondition(mostSeries > 0, "an engine remembers at least one series")
    self.slot = slot
    self.kind = kind
    self.schema = schema
    self.interner = interner
    self.shards = shards
    partitionCap = max(1, mostSeries / SeriesEngine.partitionCount)
    partitions = (0..<SeriesEngine.partitionCount).map { _ in Partition() }
    hashes = (0..<shards).map { _ in SymbolHashes(interner) }
  }

  /// Writes the verdicts of this shard's rows; rows that are no value of a series are left alone.
  ///
  /// - Parameter late: rows to pass over, ascending.
  package func process(
    _ batch: EventBatch, late: [Int], shard: Int,
    into verdicts: UnsafeMutablePointer<SeriesDetector.Verdict?>
  ) {
    let values = batch.numberColumn(slot)
    var nextLate = 0
    for row in 0..<batch.count {
      if nextLate < late.count && late[nextLate] == row {
        nextLate += 1
        continue
      }
      guard batch.kinds[row] == kind, !values[row].isNaN, let entity = batch.primaryEntity(row)
      else { continue }
      let place = partition(of: entity.value, shard: shard)
      if place % shards != shard { continue }
      let seconds = SeriesDetector.seconds(batch.time(row), zone: batch.zoneOffsets[row])
      let partition = partitions[place]
      let index = index(of: entity.slot, entity.value, in: partition)
      partition.arrivals &+= 1
      partition.series[index].lastArrival = partition.arrivals
      verdicts[row] = partition.series[index].detector.observe(values[row], at: seconds)
    }
  }

  /// What is remembered of one series; missing where nothing is. Between batches.
  package func detector(of slot: Int, _ name: Symbol) -> SeriesDetector? {
    let partition = partitions[partition(of: name, shard: 0)]
    return partition.places[Series.key(slot, name)].map { partition.series[$0].detector }
  }

  /// By what the text is and not by when it was met, so that a run after a restart divides series as the one before did.
  private func partition(of symbol: Symbol, shard: Int) -> Int {
    Int(hashes[shard].stable(symbol.rawValue) >> 58)
  }

  private func index(of slot: Int, _ name: Symbol, in partition: Partition) -> Int {
    let key = Series.key(slot, name)
    if let known = partition.places[key] { return known }
    let new = Series(slot: slot, name: name)
    if partition.series.count < partitionCap {
      partition.places[key] = partition.series.count
      partition.series.append(new)
      return partition.series.count - 1
    }
    var silent = 0
    for place in partition.series.indices
    where partition.series[place].lastArrival < partition.series[silent].lastArrival {
      silent = place
    }
    partition.places[partition.series[silent].key] = nil
    partition.places[key] = silent
    partition.series[silent] = new
    return silent
  }

  /// What one shard remembers, as bytes. Shards may be asked on different threads at the same time, between batches.
  package func encodedSection(shard: Int) -> [UInt8] {
    var coder = StateCoder(interner)
    var own = stride(from: shard, to: SeriesEngine.partitionCount, by: shards).flatMap {
      partitions[$0].series
    }.sorted { $0.lastArrival < $1.lastArrival }
    coder.list(&own, empty: Series(slot: 0, name: .missing)) { code(&$1, &$0) }
    return coder.bytes
  }

  /// Takes over what a section of an engine with any number of shards holds. Before the first batch, by the thread that
  /// interns.
  package func restore(section: some Collection<UInt8>) throws(StateDamage) {
    var coder = StateCoder(reading: section, interner)
    var series: [Series] = []
    coder.list(&series, empty: Series(slot: 0, name: .missing)) { code(&$1, &$0) }
    try coder.finish()
    for one in series {
      let place = partition(of: one.name, shard: 0)
      let partition = partitions[place]
      partition.series[index(of: one.slot, one.name, in: partition)] = one
      partition.arrivals = max(partition.arrivals, one.lastArrival)
    }
  }

  private func code(_ series: inout Series, _ coder: inout StateCoder) {
    let slot = series.slot
    var field = schema.fields.first { $0.type == .text && $0.slot == slot }?.name ?? ""
    coder.text(&field)
    let known = schema.field(field)
    coder.require(
      known?.type == .text, "it knows a field '\(field)' that these events do not have")
    series.slot = known?.slot ?? 0
    coder.symbol(&series.name)
    coder.word(&series.lastArrival)
    series.detector.code(&coder)
  }
}

extension SeriesDetector {
  /// A time on the series' own clock: seconds since the epoch, rounded towards the past.
  package static func seconds(_ time: Timestamp, zone offset: Int32) -> Int64 {
    let whole = time.microseconds / 1_000_000
    return whole - (time.microseconds % 1_000_000 < 0 ? 1 : 0) &+ Int64(offset)
  }
}
