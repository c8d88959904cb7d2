import Primitives

/// The windows of one scope's entities in one shard: takes rows in order of arrival, writes their features, remembers.
///
/// A row is answered from what its entity's streams hold, then inserted, so it never sees itself or anything that
/// arrives later. In order, windows move their cursors forward; a late event finds its place by bisection, leaves the
/// cursors alone, and everything that was derived from places behind it is derived again.
final class EntityStage {
  let program: StageProgram
  let entitySlot: Int
  /// The text slot of the other half of the entity's name; −1 where one field is the entity.
  let secondSlot: Int
  let columns: [Int32]
  let newness: UnsafeMutablePointer<(text: TextSource, column: Int32)>
  let newnessCount: Int
  let filters: UnsafeMutablePointer<CompiledCondition>
  let filterCount: Int
  let lateness: Int64
  let timeToLive: Int64
  let streams: UnsafeMutablePointer<StageProgram.Stream>
  let windows: UnsafeMutablePointer<StageProgram.Window>
  let steps: UnsafeMutablePointer<FeatureStep>
  let texts: UnsafeMutablePointer<TextSource>
  let streamCount: Int
  /// A row that is looked ahead, with its entity.
  struct Upcoming {
    var row: Int
    var key: EntityKey
    var index: Int
    var partition: Int
    /// Where the entity lay when it was looked for; not to be used after another row was taken in.
    var entity: UnsafeMutableRawPointer?
  }
  static let ahead = 16
  let upcoming: UnsafeMutablePointer<Upcoming>
  /// Keeps the compiler from dropping reads whose only purpose is to have been done.
  var touched: Int64 = 0
  /// Room for the values of one hour of the week.
  let seasonValues: UnsafeMutablePointer<Double>
  /// Per filter and per text lane of the row at hand.
  let passing: UnsafeMutablePointer<Bool>
  let symbols: UnsafeMutablePointer<UInt32>
  let earlier: UnsafeMutablePointer<Int32>
  /// The shard's own.
  let hashes: SymbolHashes
  /// By number less 1; see `CoarseStream`.
  var coarseStreams: [CoarseStream?] = []
  var freeCoarse: [Int32] = []
  /// Its place among the stages of the plan.
  let number: Int
  /// What of a partition's share of the room for samples is taken, in bytes, and the share.
  var profileBytes = [Int](repeating: 0, count: EntityStore.partitions)
  let profileShare: Int
  var peers = [PeerSamples](repeating: PeerSamples(), count: EntityStore.partitions)
  /// Samples of entities that ended in the batch at hand.
  var endedProfiles: [UnsafeMutablePointer<ProfileBlock>] = []
  var store: EntityStore
  /// By place in `newness`.
  let seen: [SeenPairs]
  var bufferBytes = 0
  var arrivals: UInt64 = 0
  var tooLate = 0

  init(
    _ plan: StagePlan, _ program: StageProgram, number: Int, hashes: SymbolHashes,
    limits: WindowLimits, indexes: Int
  ) {
    self.program = program
    self.number = number
    profileShare = limits.profileBytes / EntityStore.partitions
    self.hashes = hashes
    entitySlot = Int(plan.entitySlot)
    secondSlot = Int(plan.secondSlot)
    columns = plan.columns
    newness = copied(plan.newness)
    newnessCount = plan.newness.count
    filters = copied(program.filters)
    filterCount = program.filters.count
    lateness = limits.allowedLateness.microseconds
    timeToLive = max(limits.timeToLive.microseconds, program.longestRetention)
    streams = copied(program.streams)
    windows = copied(program.windows)
    steps = copied(program.steps)
    texts = copied(program.texts)
    streamCount = program.streams.count
    upcoming = .allocate(capacity: EntityStage.ahead)
    seasonValues = .allocate(capacity: EntityStage.seasonMost)
    seasonValues.initialize(repeating: 0, count: EntityStage.seasonMost)
    passing = .allocate(capacity: max(1, program.filters.count))
    passing.initialize(repeating: false, count: max(1, program.filters.count))
    symbols = .allocate(capacity: max(1, program.texts.count))
    symbols.initialize(repeating: 0, count: max(1, program.texts.count))
    earlier = .allocate(capacity: max(1, program.texts.count))
    earlier.initialize(repeating: -1, count: max(1, program.texts.count))
    store = EntityStore(
      entityBytes: program.entityBytes, indexes: indexes, timeToLive: timeToLive,
      entities: limits.entities)
    seen = plan.newness.map { _ in SeenPairs() }
  }

  deinit {
    for slot in store.all { freeBuffers(store.entity(slot)) }
    freeEndedProfiles()
    store.deallocate()
    streams.deallocate()
    windows.deallocate()
    steps.deallocate()
    texts.deallocate()
    newness.deallocate()
    filters.deinitialize(count: filterCount)
    filters.deallocate()
    upcoming.deallocate()
    seasonValues.deallocate()
    passing.deallocate()
    symbols.deallocate()
    earlier.deallocate()
  }

  func add(to sum: inout WindowStatistics) {
    sum.entities += store.entities
    let coarse = coarseStreams.reduce(0) { $0 + ($1?.bytes ?? 0) }
    sum.stateBytes += store.bytes + bufferBytes + coarse + seen.reduce(0) { $0 + $1.bytes }
    sum.evicted += store.evicted
    sum.expired += store.expired
    sum.tooLate += tooLate
  }

  // MARK: rows

  /// Before the first rows of a batch.
  func begin() { freeEndedProfiles() }

  /// After the last rows of a batch.
  func end(_ batch: EventBatch) { arrivals &+= UInt64(batch.count) }

  /// Answers and takes in those of some rows that this shard owns; rows that were too late are appended to `late`.
  ///
  /// - Parameter clock: for each row, how far the stream had come with it.
  func process(
    _ batch: EventBatch, _ rows: Range<Int>, _ table: FeatureTable, _ samples: SampleTable?,
    _ verdicts: VerdictColumn?, clock: UnsafePointer<Int64>, shard: Int, of shards: Int,
    late: inout [Int]
  ) {
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: EntityStage.ahead) {
      let end = min(rows.upperBound, first + EntityStage.ahead)
      let owned = gather(batch, first..<end, shard, shards)
      touch(batch, owned)
      for position in 0..<owned {
        let (row, key) = (upcoming[position].row, upcoming[position].key)
        if key.isMissing {
          leaveMissing(row, table, samples)
        } else if !take(
          batch, row, upcoming[position], table, samples, verdicts, now: clock[row])
        {
          tooLate += 1
          late.append(row)
          leaveMissing(row, table, samples)
        }
      }
    }
  }

  /// One row of one entity; false where it came too late.
  private func take(
    _ batch: EventBatch, _ row: Int, _ upcoming: Upcoming, _ table: FeatureTable,
    _ samples: SampleTable?, _ verdicts: VerdictColumn?, now: Int64
  ) -> Bool {
    let time = batch.times[row]
    let slot = slot(upcoming, min(time, now), now)
    let entity = store.entity(slot)
    let head = entity.assumingMemoryBound(to: EntityHead.self)
    let before = head.pointee.newest
    let isHonest = time >= before
    if !isHonest {
      let (age, overflow) = min(before, now).subtractingReportingOverflow(time)
      if overflow || age > lateness { return false }
    }
    let inOrder = isHonest && time >= head.pointee.ahead
    let isBelieved = time <= now
    head.pointee.lastArrival = arrivals &+ UInt64(row)
    if isBelieved {
      head.pointee.newest = max(time, before)
    } else {
      head.pointee.ahead = max(time, head.pointee.ahead)
    }
    let newest = min(head.pointee.newest, now)
    for filter in 0..<filterCount { passing[filter] = filters[filter].holds(batch, row) }
    let target = table.row(row)
    for stream in 0..<streamCount {
      take(batch, row, entity, streams + stream, time, newest, inOrder, target)
    }
    for index in 0..<newnessCount {
      let symbol = newness[index].text.symbol(batch, row)
      target[Int(newness[index].column)] = isNew(index, symbol, head.pointee.birth, time)
    }
    if program.cases >= 0, let verdicts, verdicts[row] != VerdictColumn.never {
      remember(entity, time, verdicts[row], newest)
    }
    if let samples {
      if program.profile < 0 || !isHonest {
        samples.setView(row, number, .none)
      } else {
        profile(
          samples, row, upcoming, entity, target, time: time, zone: batch.zoneOffsets[row],
          isBelieved: isBelieved)
      }
    }
    return true
  }

  /// The key of the row's entity and which index knows it.
  @inline(__always)
  func entity(_ batch: EventBatch, _ row: Int) -> (key: EntityKey, index: Int) {
    if entitySlot >= 0 {
      var key = EntityKey(symbol: batch.text(row, entitySlot).rawValue)
      if secondSlot >= 0 {
        key.second = batch.text(row, secondSlot).rawValue
        if key.second == 0 { key.symbol = 0 }
      }
      return (key, 0)
    }
    let slot = batch.primarySlots[row]
    return slot == EventBatch.noEntity
      ? (EntityKey(symbol: 0), 0)
      : (EntityKey(symbol: batch.text(row, Int(slot)).rawValue), Int(slot))
  }

  /// The next rows that this shard owns, into `upcoming`; returns how many. Rows without an entity go round.
  private func gather(
    _ batch: EventBatch, _ rows: Range<Int>, _ shard: Int, _ shards: Int
  ) -> Int {
    var found = 0
    for row in rows {
      let (key, index) = entity(batch, row)
      let partition = key.isMissing ? row & 63 : hashes.partition(key)
      if shards > 1 && partition % shards != shard { continue }
      upcoming[found] = Upcoming(row: row, key: key, index: index, partition: partition)
      found += 1
    }
    return found
  }

  /// Reads what the next rows will need, so that the memory's delays overlap instead of adding up: half of the time of
  /// a row is waiting for the lines of an entity that was not seen for a while.
  private func touch(_ batch: EventBatch, _ owned: Int) {
    var sink: Int64 = 0
    for position in 0..<owned {
      if upcoming[position].key.isMissing { continue }
      let slot = store.find(upcoming[position].key, upcoming[position].index)
      if slot < 0 { continue }
      let entity = store.entity(slot)
      for offset in stride(from: 0, to: program.entityBytes, by: 64) {
        sink &+= (entity + offset).assumingMemoryBound(to: Int64.self).pointee
      }
      upcoming[position].entity = entity
    }
    for position in 0..<owned {
      guard let entity = upcoming[position].entity else { continue }
      let birth = entity.assumingMemoryBound(to: EntityHead.self).pointee.birth
      for index in 0..<newnessCount {
        let symbol = newness[index].text.symbol(batch, upcoming[position].row)
        sink &+= seen[index].touch(birth: birth, symbol: symbol.rawValue)
      }
      if program.profile >= 0 { sink &+= touchNextSample(entity) }
      for stream in 0..<streamCount {
        let state = (entity + streams[stream].offset).assumingMemoryBound(to: StreamState.self)
        let last = Int(state.pointee.count) - 1
        if last < 0 { continue }
        sink &+= state.pointee.times[last]
        let layout = streams[stream].layout
        for lane in 0..<layout.lanes {
          sink &+= Int64(state.pointee.symbols(lane, layout)[last])
          sink &+= Int64(state.pointee.earlier(lane, layout)[last])
        }
        if layout.hasNumber {
          sink &+= Int64(state.pointee.numbers(layout)[last].exponentBitPattern)
        }
        for window in streams[stream].windows {
          let cursor = (entity + windows[window].cursor).assumingMemoryBound(to: Int32.self).pointee
          let start = min(last, Int(cursor))
          sink &+= state.pointee.times[start]
          if layout.hasNumber {
            sink &+= Int64(state.pointee.numbers(layout)[start].exponentBitPattern)
          }
        }
      }
    }
    touched = sink
  }

  func leaveMissing(_ row: Int, _ table: FeatureTable, _ samples: SampleTable?) {
    let target = table.row(row)
    for column in columns { target[Int(column)] = .nan }
    samples?.setView(row, number, .none)
  }

  func isNew(_ index: Int, _ symbol: Symbol, _ birth: UInt32, _ time: Int64) -> Double {
    if symbol.isMissing { return .nan }
    if seen[index].needsRoom { seen[index].makeRoom(alive: store.birthsAlive) }
    return seen[index].wasSeen(birth: birth, symbol: symbol.rawValue, time: time) ? 0 : 1
  }

  // MARK: entities

  /// The entity's place, made if need be; `time` is the event's, as far as it is believed.
  private func slot(_ upcoming: Upcoming, _ time: Int64, _ now: Int64) -> Int32 {
    let known = store.find(upcoming.key, upcoming.index)
    if known >= 0 {
      let newest = store.head(known).pointee.newest
      let (silence, overflow) = time.subtractingReportingOverflow(newest)
      if newest != .min && time > newest && (overflow || silence > timeToLive) {
        store.expired += 1
        startAgain(known)
      }
      return known
    }
    let crowd = store.crowded(upcoming.partition, now: now)
    store.expired += crowd.expired.count
    store.evicted += crowd.evicted.count
    for slot in crowd.expired + crowd.evicted {
      freeBuffers(store.entity(slot))
      store.remove(slot)
    }
    return store.add(upcoming.key, upcoming.index, upcoming.partition)
  }

  func startAgain(_ slot: Int32) {
    let entity = store.entity(slot)
    freeBuffers(entity)
    let start = MemoryLayout<EntityHead>.stride
    (entity + start).initializeMemory(
      as: UInt8.self, repeating: 0, count: program.entityBytes - start)
    store.head(slot).pointee.newest = .min
    store.head(slot).pointee.ahead = .min
    store.rebirth(slot)
  }

  func freeBuffers(_ entity: UnsafeMutableRawPointer) {
    for stream in program.streams {
      let state = (entity + stream.offset).assumingMemoryBound(to: StreamState.self)
      if let buffer = state.pointee.buffer {
        bufferBytes -= stream.layout.bytes(Int(state.pointee.capacity))
        buffer.deallocate()
      }
      removeCoarse(state)
      state.initialize(to: .empty)
    }
    if program.cases >= 0 { bufferBytes -= cases(entity).pointee.free() }
    endProfile(entity)
  }
}

private func copied<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
  let copy = UnsafeMutablePointer<T>.allocate(capacity: max(1, values.count))
  for (index, value) in values.enumerated() { (copy + index).initialize(to: value) }
  return copy
}
