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
  private let partitionCap: Int
  private let partitions: [Partition]

  private struct Series {
    var key: UInt64
    var lastArrival: UInt64
    var detector: SeriesDetector
  }

  /// A class so that shards never share an array.
  private final class Partition {
    var places: [UInt64: Int] = [:]
    var series: [Series] = []
  }

  /// - Parameters:
  ///   - slot: the number field that holds a series' value.
  ///   - kind: events of other kinds are passed over.
  package init(slot: Int, kind: Symbol, shards: Int, mostSeries: Int = 12_800) {
    precondition((1...SeriesEngine.partitionCount).contains(shards), "an engine has 1 to 64 shards")
    precondition(mostSeries > 0, "an engine remembers at least one series")
    self.slot = slot
    self.kind = kind
    self.shards = shards
    partitionCap = max(1, mostSeries / SeriesEngine.partitionCount)
    partitions = (0..<SeriesEngine.partitionCount).map { _ in Partition() }
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
      let place = SeriesEngine.partition(entity.value.rawValue)
      if place % shards != shard { continue }
      let key = UInt64(truncatingIfNeeded: entity.slot) << 32 | UInt64(entity.value.rawValue)
      let seconds = batch.time(row).wholeSeconds &+ Int64(batch.zoneOffsets[row])
      let partition = partitions[place]
      let index = index(of: key, in: partition)
      partition.series[index].lastArrival = batch.firstArrival &+ UInt64(row)
      verdicts[row] = partition.series[index].detector.observe(values[row], at: seconds)
    }
  }

  private static func partition(_ symbol: UInt32) -> Int { Int((symbol &* 0x9E37_79B1) >> 26) }

  private func index(of key: UInt64, in partition: Partition) -> Int {
    if let known = partition.places[key] { return known }
    let new = Series(key: key, lastArrival: 0, detector: SeriesDetector())
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
}

extension Timestamp {
  /// Seconds since the epoch, rounded towards the past.
  fileprivate var wholeSeconds: Int64 {
    let whole = microseconds / 1_000_000
    return microseconds % 1_000_000 < 0 ? whole - 1 : whole
  }
}
