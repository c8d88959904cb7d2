import Primitives

/// The windows of one scope's entities in one shard: takes rows in order of arrival, writes their features, remembers.
///
/// A row is answered from what its entity's streams hold, then inserted, so it never sees itself or anything that
/// arrives later. In order, windows move their cursors forward; a late event finds its place by bisection, leaves the
/// cursors alone, and everything that was derived from places behind it is derived again.
final class EntityStage {
  let program: StageProgram
  let entitySlot: Int
  let columns: [Int32]
  let newness: [(text: TextSource, column: Int32)]
  let lateness: Int64
  let timeToLive: Int64
  let streams: UnsafeMutablePointer<StageProgram.Stream>
  let windows: UnsafeMutablePointer<StageProgram.Window>
  let steps: UnsafeMutablePointer<FeatureStep>
  let texts: UnsafeMutablePointer<TextSource>
  let streamCount: Int
  /// Rows that are looked ahead, and their entities.
  static let ahead = 16
  let upcoming: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// Keeps the compiler from dropping reads whose only purpose is to have been done.
  var touched: Int64 = 0
  /// Per filter and per text lane of the row at hand.
  let passing: UnsafeMutablePointer<Bool>
  let symbols: UnsafeMutablePointer<UInt32>
  let earlier: UnsafeMutablePointer<Int32>
  var store: EntityStore
  var seen: [SeenPairs]
  var bufferBytes = 0
  var arrivals: UInt64 = 0
  var tooLate = 0

  init(
    _ plan: StagePlan, _ program: StageProgram, limits: WindowLimits, indexes: Int
  ) {
    self.program = program
    entitySlot = Int(plan.entitySlot)
    columns = plan.columns
    newness = plan.newness
    lateness = limits.allowedLateness.microseconds
    timeToLive = max(limits.timeToLive.microseconds, program.longestRetention)
    streams = copied(program.streams)
    windows = copied(program.windows)
    steps = copied(program.steps)
    texts = copied(program.texts)
    streamCount = program.streams.count
    upcoming = .allocate(capacity: EntityStage.ahead)
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
    store.deallocate()
    streams.deallocate()
    windows.deallocate()
    steps.deallocate()
    texts.deallocate()
    upcoming.deallocate()
    passing.deallocate()
    symbols.deallocate()
    earlier.deallocate()
  }

  func add(to sum: inout WindowStatistics) {
    sum.entities += store.entities
    sum.stateBytes += store.bytes + bufferBytes + seen.reduce(0) { $0 + $1.bytes }
    sum.evicted += store.evicted
    sum.expired += store.expired
    sum.tooLate += tooLate
  }

  // MARK: rows

  /// Answers and takes in the rows that this shard owns; rows that were too late are appended to `late`.
  func process(
    _ batch: EventBatch, _ table: FeatureTable, _ normals: NormalTable?,
    _ verdicts: VerdictColumn?, shard: Int, of shards: Int, late: inout [Int]
  ) {
    let count = batch.count
    for row in 0..<count {
      if row % EntityStage.ahead == 0 {
        touch(batch, row..<min(count, row + EntityStage.ahead), shard, shards)
      }
      let (symbol, index) = entity(batch, row)
      let partition = symbol.isMissing ? row : EntityStore.partition(symbol.rawValue)
      if shards > 1 && partition % shards != shard { continue }
      if symbol.isMissing {
        leaveMissing(row, table, normals)
        continue
      }
      let time = batch.times[row]
      store.sawTime(time, partition)
      let slot = slot(symbol.rawValue, index, partition, time)
      let entity = store.entity(slot)
      let head = entity.assumingMemoryBound(to: EntityHead.self)
      let inOrder = time >= head.pointee.newest
      if !inOrder {
        let (age, overflow) = head.pointee.newest.subtractingReportingOverflow(time)
        if overflow || age > lateness {
          tooLate += 1
          late.append(row)
          leaveMissing(row, table, normals)
          continue
        }
      }
      head.pointee.lastArrival = arrivals &+ UInt64(row)
      let newest = max(time, head.pointee.newest)
      for filter in program.filters.indices {
        passing[filter] = program.filters[filter].holds(batch, row)
      }
      let target = table.row(row)
      for stream in 0..<streamCount {
        take(batch, row, entity, streams + stream, time, newest, inOrder, target)
      }
      for index in newness.indices {
        let symbol = newness[index].text.symbol(batch, row)
        target[Int(newness[index].column)] = isNew(index, symbol, head.pointee.birth, time)
      }
      head.pointee.newest = newest
      if program.cases >= 0, let verdicts, verdicts[row] != VerdictColumn.never {
        remember(entity, time, verdicts[row], newest)
      }
      if let normals { update(normals, row, entity, target, inOrder) }
    }
    arrivals &+= UInt64(count)
  }

  /// The symbol of the row's entity and which index knows it.
  @inline(__always)
  func entity(_ batch: EventBatch, _ row: Int) -> (symbol: Symbol, index: Int) {
    if entitySlot >= 0 { return (batch.text(row, entitySlot), 0) }
    let slot = batch.primarySlots[row]
    return slot == EventBatch.noEntity
      ? (.missing, 0) : (batch.text(row, Int(slot)), Int(slot))
  }

  /// Reads what the next rows will need, so that the memory's delays overlap instead of adding up: half of the time of
  /// a row is waiting for the lines of an entity that was not seen for a while.
  func touch(_ batch: EventBatch, _ rows: Range<Int>, _ shard: Int, _ shards: Int) {
    var found = 0
    var sink: Int64 = 0
    for row in rows {
      let (symbol, index) = entity(batch, row)
      if symbol.isMissing { continue }
      if shards > 1 && EntityStore.partition(symbol.rawValue) % shards != shard { continue }
      let slot = store.find(symbol.rawValue, index)
      if slot < 0 { continue }
      let entity = store.entity(slot)
      for offset in stride(from: 0, to: program.entityBytes, by: 64) {
        sink &+= (entity + offset).assumingMemoryBound(to: Int64.self).pointee
      }
      upcoming[found] = entity
      found += 1
    }
    for position in 0..<found {
      let entity = upcoming[position]
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

  func leaveMissing(_ row: Int, _ table: FeatureTable, _ normals: NormalTable?) {
    let target = table.row(row)
    for column in columns { target[Int(column)] = .nan }
    if let normals {
      for normal in program.normals { normals.set(row, normal.position, RunningNormal()) }
    }
  }

  func update(
    _ normals: NormalTable, _ row: Int, _ entity: UnsafeMutableRawPointer,
    _ values: UnsafeMutablePointer<Double>, _ inOrder: Bool
  ) {
    for normal in program.normals {
      let state = (entity + normal.offset).assumingMemoryBound(to: RunningNormal.self)
      normals.set(row, normal.position, inOrder ? state.pointee : RunningNormal())
      if inOrder { state.pointee.update(values[normal.column]) }
    }
  }

  func isNew(_ index: Int, _ symbol: Symbol, _ birth: UInt32, _ time: Int64) -> Double {
    if symbol.isMissing { return .nan }
    if seen[index].needsRoom { seen[index].makeRoom(alive: store.birthsAlive) }
    return seen[index].wasSeen(birth: birth, symbol: symbol.rawValue, time: time) ? 0 : 1
  }

  // MARK: entities

  func slot(_ symbol: UInt32, _ index: Int, _ partition: Int, _ time: Int64) -> Int32 {
    let known = store.find(symbol, index)
    if known >= 0 {
      let newest = store.head(known).pointee.newest
      let (silence, overflow) = time.subtractingReportingOverflow(newest)
      if time > newest && (overflow || silence > timeToLive) {
        store.expired += 1
        startAgain(known)
      }
      return known
    }
    let crowd = store.crowded(partition)
    store.expired += crowd.expired.count
    store.evicted += crowd.evicted.count
    for slot in crowd.expired + crowd.evicted {
      freeBuffers(store.entity(slot))
      store.remove(slot)
    }
    return store.add(symbol, index)
  }

  func startAgain(_ slot: Int32) {
    let entity = store.entity(slot)
    freeBuffers(entity)
    let start = MemoryLayout<EntityHead>.stride
    (entity + start).initializeMemory(
      as: UInt8.self, repeating: 0, count: program.entityBytes - start)
    store.head(slot).pointee.newest = .min
    store.rebirth(slot)
  }

  func freeBuffers(_ entity: UnsafeMutableRawPointer) {
    for stream in program.streams {
      let state = (entity + stream.offset).assumingMemoryBound(to: StreamState.self)
      if let buffer = state.pointee.buffer {
        bufferBytes -= stream.layout.bytes(Int(state.pointee.capacity))
        buffer.deallocate()
      }
      state.initialize(to: .empty)
    }
    if program.cases >= 0 { bufferBytes -= cases(entity).pointee.free() }
  }
}

private func copied<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
  let copy = UnsafeMutablePointer<T>.allocate(capacity: max(1, values.count))
  for (index, value) in values.enumerated() { (copy + index).initialize(to: value) }
  return copy
}
