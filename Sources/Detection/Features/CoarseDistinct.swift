import Glibc

/// How many different texts a window of buckets holds: exactly up to 256, beyond that estimated to about 1.6 %.
///
/// Exact: the bucket in which each text was last seen. Estimate: HyperLogLog (Flajolet et al., 2007) with 4,096 registers
/// that remember, for each rank, the bucket in which it was last seen, so that old events leave the window
/// (Chabchoub and Hébrail, 2010).
struct CoarseDistinct {
  static let most = 256
  private static let registers = 4096
  private static let ranks = 32

  /// The last bucket of each text; empty once it is an estimate.
  private(set) var last: [UInt32: Int64] = [:]
  /// register × rank → last bucket; empty while it is exact.
  private var seen: [Int64] = []
  /// The estimate of a window from this bucket on to the newest.
  private var from = Int64.max
  private var highest: [UInt8] = []
  /// Of 2 to the power −rank over all registers, and how many of them are empty.
  private var sum = 0.0
  private var empty = 0

  var bytes: Int { last.capacity * 24 + seen.count * 8 + highest.count }
  var isExact: Bool { seen.isEmpty }

  /// - Parameters:
  ///   - hashes: of texts, the same in every run.
  ///   - oldest: texts last seen before this bucket need not be known any more.
  mutating func insert(
    _ symbol: UInt32, hashes: SymbolHashes, bucket: Int64, oldest: Int64
  ) {
    if symbol == 0 { return }
    if isExact {
      last[symbol] = max(last[symbol] ?? .min, bucket)
      if last.count <= CoarseDistinct.most { return }
      last = last.filter { $0.value >= oldest }
      if last.count <= CoarseDistinct.most { return }
      seen = [Int64](repeating: .min, count: CoarseDistinct.registers * CoarseDistinct.ranks)
      highest = [UInt8](repeating: 0, count: CoarseDistinct.registers)
      from = .max
      for (symbol, bucket) in last { note(hashes.stable(symbol), bucket) }
      last = [:]
    } else {
      note(hashes.stable(symbol), bucket)
    }
  }

  private static func place(_ hash: UInt64) -> (register: Int, rank: Int) {
    let rest = hash >> 12
    return (Int(hash & 4095), min(ranks, rest.trailingZeroBitCount + 1))
  }

  private mutating func note(_ hash: UInt64, _ bucket: Int64) {
    let (register, rank) = CoarseDistinct.place(hash)
    let cell = register * CoarseDistinct.ranks + rank - 1
    if bucket > seen[cell] { seen[cell] = bucket }
    let before = Int(highest[register])
    if bucket < from || rank <= before { return }
    highest[register] = UInt8(rank)
    sum += CoarseDistinct.weight(rank) - CoarseDistinct.weight(before)
    if before == 0 { empty -= 1 }
  }

  /// Drops texts that were last seen before a bucket.
  mutating func forget(before bucket: Int64) {
    if isExact { last = last.filter { $0.value >= bucket } }
  }

  /// Different texts from bucket `first` on, one more text included; 0 stands for none.
  mutating func count(from first: Int64, with symbol: UInt32, hashes: SymbolHashes) -> Double {
    if isExact {
      var found = 0
      for bucket in last.values where bucket >= first { found += 1 }
      if symbol != 0 && last[symbol] ?? .min < first { found += 1 }
      return Double(found)
    }
    if from != first { look(from: first) }
    var sum = sum
    var empty = empty
    if symbol != 0 {
      let own = CoarseDistinct.place(hashes.stable(symbol))
      let before = Int(highest[own.register])
      if own.rank > before {
        sum += CoarseDistinct.weight(own.rank) - CoarseDistinct.weight(before)
        if before == 0 { empty -= 1 }
      }
    }
    let size = Double(CoarseDistinct.registers)
    let estimate = 0.7213 / (1 + 1.079 / size) * size * size / sum
    if estimate <= 2.5 * size && empty > 0 { return (size * log(size / Double(empty))).rounded() }
    return estimate.rounded()
  }

  private static func weight(_ rank: Int) -> Double { 1 / Double(UInt64(1) << UInt64(rank)) }

  /// Finds each register's highest rank from a bucket on.
  private mutating func look(from first: Int64) {
    from = first
    sum = 0
    empty = 0
    for register in 0..<CoarseDistinct.registers {
      var rank = CoarseDistinct.ranks
      while rank > 0 && seen[register * CoarseDistinct.ranks + rank - 1] < first { rank -= 1 }
      highest[register] = UInt8(rank)
      sum += CoarseDistinct.weight(rank)
      if rank == 0 { empty += 1 }
    }
  }

  // MARK: as bytes

  func encode(_ texts: inout TextTable, _ writer: inout StateWriter) {
    writer.byte(isExact ? 0 : 1)
    if isExact {
      writer.count(last.count)
      let known = last.sorted { $0.key < $1.key }
      for (symbol, bucket) in known {
        writer.count(texts.number(symbol))
        writer.signed(bucket)
      }
      return
    }
    let cells = seen.indices.filter { seen[$0] != .min }
    writer.count(cells.count)
    for cell in cells {
      writer.count(cell)
      writer.signed(seen[cell])
    }
  }

  mutating func decode(_ reader: inout StateReader, _ texts: [UInt32]) throws(StateDamage) {
    let kind = try reader.byte()
    let count = try reader.count(each: 2)
    if kind == 0 {
      for _ in 0..<count { last[try reader.symbol(texts)] = try reader.signed() }
      return
    }
    seen = [Int64](repeating: .min, count: CoarseDistinct.registers * CoarseDistinct.ranks)
    highest = [UInt8](repeating: 0, count: CoarseDistinct.registers)
    for _ in 0..<count {
      let cell = try reader.size(upTo: seen.count - 1)
      seen[cell] = try reader.signed()
    }
  }
}
