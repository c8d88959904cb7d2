import Primitives

/// The entities of one scope in one shard: found by symbol in flat arrays, kept in blocks that never move.
///
/// Entities belong to 64 partitions by hash of their name, and age and number are judged in each partition by
/// itself, so what is forgotten does not depend on how partitions are spread over shards.
struct EntityStore {
  static let partitions = 64
  private static let chunkBits = 10

  private let entityBytes: Int
  private let timeToLive: Int64
  private let partitionCap: Int
  private var indexes: [SymbolIndex]
  private var pairs = PairIndex()
  private var chunks: [UnsafeMutableRawPointer] = []
  private var slots = 0
  private var free: [Int32] = []
  private var births: UInt32 = 0
  private var members = [[Int32]](repeating: [], count: partitions)
  private(set) var nextSweep = [Int](repeating: 256, count: partitions)
  private(set) var entities = 0
  private(set) var bytes = 0
  var evicted = 0
  var expired = 0

  init(entityBytes: Int, indexes: Int, timeToLive: Int64, entities: Int) {
    self.entityBytes = entityBytes
    self.timeToLive = timeToLive
    partitionCap = max(1, entities / EntityStore.partitions)
    self.indexes = (0..<max(1, indexes)).map { _ in SymbolIndex() }
  }

  @inline(__always)
  func entity(_ slot: Int32) -> UnsafeMutableRawPointer {
    chunks[Int(slot) >> EntityStore.chunkBits]
      + (Int(slot) & (1 << EntityStore.chunkBits - 1)) * entityBytes
  }

  @inline(__always)
  func head(_ slot: Int32) -> UnsafeMutablePointer<EntityHead> {
    entity(slot).assumingMemoryBound(to: EntityHead.self)
  }

  /// The slot of an entity that is known; −1 otherwise.
  @inline(__always)
  func find(_ key: EntityKey, _ index: Int) -> Int32 {
    key.second == 0 ? indexes[index].slot(key.symbol) : pairs.slot(key.packed)
  }

  /// A zeroed entity for a symbol that is not known. Room must have been made with `crowded` and `remove`.
  mutating func add(_ key: EntityKey, _ index: Int, _ partition: Int) -> Int32 {
    let slot: Int32
    if let reused = free.popLast() {
      slot = reused
    } else {
      if slots & (1 << EntityStore.chunkBits - 1) == 0 {
        let size = entityBytes << EntityStore.chunkBits
        chunks.append(.allocate(byteCount: size, alignment: 64))
        bytes += size
      }
      slot = Int32(slots)
      slots += 1
    }
    births &+= 1
    entity(slot).initializeMemory(as: UInt8.self, repeating: 0, count: entityBytes)
    head(slot).initialize(
      to: EntityHead(
        newest: .min, ahead: .min, lastArrival: 0, key: key, birth: births,
        place: Int32(members[partition].count), index: UInt16(index), partition: UInt8(partition)))
    members[partition].append(slot)
    bytes +=
      key.second == 0 ? indexes[index].set(key.symbol, slot) : pairs.add(key.packed, slot)
    entities += 1
    return slot
  }

  /// Forgets an entity whose stream buffers have been freed.
  mutating func remove(_ slot: Int32) {
    let head = head(slot).pointee
    let partition = Int(head.partition)
    let last = members[partition].removeLast()
    if last != slot {
      members[partition][Int(head.place)] = last
      self.head(last).pointee.place = head.place
    }
    if head.key.second == 0 {
      _ = indexes[Int(head.index)].set(head.key.symbol, -1)
    } else {
      pairs.remove(head.key.packed)
    }
    free.append(slot)
    entities -= 1
  }

  /// A new birth number for an entity that starts again under its old name.
  mutating func rebirth(_ slot: Int32) {
    births &+= 1
    head(slot).pointee.birth = births
  }

  /// Entities that must go before a partition takes another one: first those silent for too long, then, where that is
  /// not enough, the least recently seen eighth. `now` is how far the stream has come.
  mutating func crowded(_ partition: Int, now: Int64) -> (expired: [Int32], evicted: [Int32]) {
    let all = members[partition]
    if all.count < min(nextSweep[partition], partitionCap) { return ([], []) }
    let limit = Timestamp(microseconds: now) - TimeSpan(microseconds: timeToLive)
    let old = all.filter {
      max(head($0).pointee.newest, head($0).pointee.ahead) < limit.microseconds
    }
    nextSweep[partition] = max(256, 2 * (all.count - old.count))
    if all.count - old.count < partitionCap { return (old, []) }
    let gone = Set(old)
    let rest = all.filter { !gone.contains($0) }.sorted {
      head($0).pointee.lastArrival < head($1).pointee.lastArrival
    }
    return (old, Array(rest.prefix(max(rest.count - partitionCap + 1, rest.count / 8))))
  }

  /// Takes over when a partition is next looked through, as another run left it.
  mutating func restore(nextSweep sweep: Int, of partition: Int) { nextSweep[partition] = sweep }

  var birthsAlive: Set<UInt32> {
    Set(members.joined().map { head($0).pointee.birth })
  }

  var all: [Int32] { Array(members.joined()) }

  /// Frees the blocks; the store is not used afterwards.
  func deallocate() {
    for chunk in chunks { chunk.deallocate() }
    for index in indexes { index.deallocate() }
    pairs.deallocate()
  }
}

/// Symbol → slot in a flat array that grows with the largest symbol; −1 for none.
struct SymbolIndex {
  private var slots = UnsafeMutablePointer<Int32>.allocate(capacity: 1024)
  private var size = 1024

  init() { slots.initialize(repeating: -1, count: size) }

  @inline(__always)
  func slot(_ symbol: UInt32) -> Int32 { Int(symbol) < size ? slots[Int(symbol)] : -1 }

  /// Returns the growth in bytes.
  mutating func set(_ symbol: UInt32, _ slot: Int32) -> Int {
    let before = size
    if Int(symbol) >= size {
      let larger = max(size * 2, Int(symbol) + 1)
      let moved = UnsafeMutablePointer<Int32>.allocate(capacity: larger)
      moved.update(from: slots, count: size)
      (moved + size).initialize(repeating: -1, count: larger - size)
      slots.deallocate()
      slots = moved
      size = larger
    }
    slots[Int(symbol)] = slot
    return (size - before) * 4
  }

  func deallocate() { slots.deallocate() }
}
