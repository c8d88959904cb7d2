import Primitives

/// The windows of one scope's entities in one shard: takes rows in order of arrival, writes their features, remembers.
///
/// A row is answered from what its entity's streams hold, then inserted, so it never sees itself or anything that
/// arrives later. In order, windows move their cursors forward; a late event finds its place by bisection, leaves the
/// cursors alone, and everything that was derived from places behind it is derived again.
final class EntityStage {
  private let program: StageProgram
  private let entitySlot: Int
  private let columns: [Int32]
  private let newness: [(text: TextSource, column: Int32)]
  private let lateness: Int64
  private let timeToLive: Int64
  private let streams: UnsafeMutablePointer<StageProgram.Stream>
  private let windows: UnsafeMutablePointer<StageProgram.Window>
  private let steps: UnsafeMutablePointer<FeatureStep>
  private let texts: UnsafeMutablePointer<TextSource>
  private let streamCount: Int
  /// Rows that are looked ahead, and their entities.
  private static let ahead = 16
  private let upcoming: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// Keeps the compiler from dropping reads whose only purpose is to have been done.
  private var touched: Int64 = 0
  /// Per filter and per text lane of the row at hand.
  private let passing: UnsafeMutablePointer<Bool>
  private let symbols: UnsafeMutablePointer<UInt32>
  private let earlier: UnsafeMutablePointer<Int32>
  private var store: EntityStore
  private var seen: [SeenPairs]
  private var bufferBytes = 0
  private var arrivals: UInt64 = 0
  private var tooLate = 0

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
    _ batch: EventBatch, _ table: FeatureTable, _ normals: NormalTable?, shard: Int, of shards: Int,
    late: inout [Int]
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
      if let normals { update(normals, row, entity, target, inOrder) }
    }
    arrivals &+= UInt64(count)
  }

  /// The symbol of the row's entity and which index knows it.
  @inline(__always)
  private func entity(_ batch: EventBatch, _ row: Int) -> (symbol: Symbol, index: Int) {
    if entitySlot >= 0 { return (batch.text(row, entitySlot), 0) }
    let slot = batch.primarySlots[row]
    return slot == EventBatch.noEntity
      ? (.missing, 0) : (batch.text(row, Int(slot)), Int(slot))
  }

  /// Reads what the next rows will need, so that the memory's delays overlap instead of adding up: half of the time of
  /// a row is waiting for the lines of an entity that was not seen for a while.
  private func touch(_ batch: EventBatch, _ rows: Range<Int>, _ shard: Int, _ shards: Int) {
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

  private func leaveMissing(_ row: Int, _ table: FeatureTable, _ normals: NormalTable?) {
    let target = table.row(row)
    for column in columns { target[Int(column)] = .nan }
    if let normals {
      for normal in program.normals { normals.set(row, normal.position, RunningNormal()) }
    }
  }

  private func update(
    _ normals: NormalTable, _ row: Int, _ entity: UnsafeMutableRawPointer,
    _ values: UnsafeMutablePointer<Double>, _ inOrder: Bool
  ) {
    for normal in program.normals {
      let state = (entity + normal.offset).assumingMemoryBound(to: RunningNormal.self)
      normals.set(row, normal.position, inOrder ? state.pointee : RunningNormal())
      if inOrder { state.pointee.update(values[normal.column]) }
    }
  }

  private func isNew(_ index: Int, _ symbol: Symbol, _ birth: UInt32, _ time: Int64) -> Double {
    if symbol.isMissing { return .nan }
    if seen[index].needsRoom { seen[index].makeRoom(alive: store.birthsAlive) }
    return seen[index].wasSeen(birth: birth, symbol: symbol.rawValue, time: time) ? 0 : 1
  }

  // MARK: entities

  private func slot(_ symbol: UInt32, _ index: Int, _ partition: Int, _ time: Int64) -> Int32 {
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

  private func startAgain(_ slot: Int32) {
    let entity = store.entity(slot)
    freeBuffers(entity)
    let start = MemoryLayout<EntityHead>.stride
    (entity + start).initializeMemory(
      as: UInt8.self, repeating: 0, count: program.entityBytes - start)
    store.head(slot).pointee.newest = .min
    store.rebirth(slot)
  }

  private func freeBuffers(_ entity: UnsafeMutableRawPointer) {
    for stream in program.streams {
      let state = (entity + stream.offset).assumingMemoryBound(to: StreamState.self)
      if let buffer = state.pointee.buffer {
        bufferBytes -= stream.layout.bytes(Int(state.pointee.capacity))
        buffer.deallocate()
      }
      state.initialize(to: .empty)
    }
  }

  // MARK: one stream

  @inline(__always)
  private func take(
    _ batch: EventBatch, _ row: Int, _ entity: UnsafeMutableRawPointer,
    _ stream: UnsafeMutablePointer<StageProgram.Stream>, _ time: Int64, _ newest: Int64,
    _ inOrder: Bool, _ target: UnsafeMutablePointer<Double>
  ) {
    let state = (entity + stream.pointee.offset).assumingMemoryBound(to: StreamState.self)
    let passes = stream.pointee.filter < 0 || passing[stream.pointee.filter]
    let own = stream.pointee.layout.hasNumber ? stream.pointee.number.value(batch, row) : .nan
    let end = inOrder ? Int(state.pointee.count) : state.pointee.upperBound(time)
    for lane in 0..<stream.pointee.texts.count {
      let position = stream.pointee.texts.lowerBound + lane
      let symbol = texts[position].symbol(batch, row).rawValue
      symbols[position] = symbol
      earlier[position] =
        symbol == 0
        ? StreamState.noText
        : state.pointee.previous(symbol, lane, before: end, stream.pointee.layout)
    }
    for index in stream.pointee.windows {
      let window = windows + index
      var length = window.pointee.length
      if length == WindowPlan.today { length = timeOfDay(time, batch.zoneOffsets[row]) }
      let (limit, overflow) = time.subtractingReportingOverflow(length)
      let start = start(
        state, entity, window, overflow ? .min : limit, end, inOrder)
      answer(window, stream, state, start, end, own, passes, target)
    }
    let zone = batch.zoneOffsets[row]
    for index in stream.pointee.steps {
      target[Int(steps[index].column)] = whole(
        steps + index, stream, state, entity, end, time, own, zone)
    }
    if passes && (!stream.pointee.layout.hasNumber || !own.isNaN) {
      insert(stream, state, entity, end, time, newest, inOrder, own, zone)
    }
  }

  @inline(__always)
  private func start(
    _ state: UnsafeMutablePointer<StreamState>, _ entity: UnsafeMutableRawPointer,
    _ window: UnsafeMutablePointer<StageProgram.Window>, _ limit: Int64, _ end: Int,
    _ inOrder: Bool
  ) -> Int {
    if end == 0 { return 0 }
    if !inOrder { return state.pointee.lowerBound(limit, 0, end) }
    let cursor = (entity + window.pointee.cursor).assumingMemoryBound(to: Int32.self)
    let times = state.pointee.times
    var position = Int(cursor.pointee)
    while position < end && times[position] < limit { position += 1 }
    // A calendar day can begin earlier than the last one did where a clock was put back.
    if position > 0 && times[position - 1] >= limit {
      position = state.pointee.lowerBound(limit, 0, position)
    }
    cursor.pointee = Int32(truncatingIfNeeded: position)
    return position
  }

  @inline(__always)
  private func answer(
    _ window: UnsafeMutablePointer<StageProgram.Window>,
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ start: Int, _ end: Int, _ own: Double,
    _ passes: Bool, _ target: UnsafeMutablePointer<Double>
  ) {
    var summary = Summary()
    if window.pointee.needsSummary && start < end {
      summary = state.pointee.summary(
        start, end, stream.pointee.layout, spread: window.pointee.spread,
        extremes: window.pointee.extremes)
    }
    let layout = stream.pointee.layout
    for index in window.pointee.steps {
      let step = steps + index
      let value: Double
      switch step.pointee.code {
      case .count: value = Double(end - start + (passes ? 1 : 0))
      case .rate: value = Double(end - start + (passes ? 1 : 0)) / step.pointee.scale
      case .sum: value = start < end ? summary.total : .nan
      case .sumWithOwn:
        value = start < end ? summary.total + (own.isNaN ? 0 : own) : own
      case .mean: value = start < end ? summary.mean : .nan
      case .std: value = summary.deviation
      case .min: value = summary.smallest
      case .max: value = summary.largest
      case .first: value = start < end ? state.pointee.numbers(layout)[start] : .nan
      case .last: value = start < end ? state.pointee.numbers(layout)[end - 1] : .nan
      case .zScore:
        let distance = (own - summary.origin) - summary.sum / summary.count
        value = summary.squares > 0 ? distance / summary.deviation : .nan
      case .ratioToMean: value = start < end ? own / summary.mean : .nan
      case .percentChange:
        let first = start < end ? state.pointee.numbers(layout)[start] : .nan
        value = (own - first) / first * 100
      case .distinct:
        let lane = Int(step.pointee.index)
        let before = earlier[stream.pointee.texts.lowerBound + lane]
        let fresh = passes && Int(before) < start
        value = Double(state.pointee.distinct(start, end, lane, layout) + (fresh ? 1 : 0))
      case .sinceLast, .difference1, .difference2, .ratioToLast, .ewma, .hourRarity, .isNew,
        .history:
        preconditionFailure("a step over the whole past stands in a window")
      }
      target[Int(step.pointee.column)] = value.isFinite ? value : .nan
    }
  }

  /// A step over everything before position `end`.
  private func whole(
    _ step: UnsafeMutablePointer<FeatureStep>, _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ entity: UnsafeMutableRawPointer, _ end: Int,
    _ time: Int64, _ own: Double, _ zone: Int32
  ) -> Double {
    let layout = stream.pointee.layout
    let value: Double
    switch step.pointee.code {
    case .history: value = Double(state.pointee.base + Int64(end))
    case .sinceLast:
      if end == 0 { return .nan }
      let (elapsed, overflow) = time.subtractingReportingOverflow(state.pointee.times[end - 1])
      value = overflow ? .nan : Double(elapsed) / 1e6
    case .difference1: value = end < 1 ? .nan : own - state.pointee.numbers(layout)[end - 1]
    case .difference2:
      if end < 2 { return .nan }
      let last = state.pointee.numbers(layout)[end - 1]
      value = (own - last) - (last - state.pointee.numbers(layout)[end - 2])
    case .ratioToLast: value = end < 1 ? .nan : own / state.pointee.numbers(layout)[end - 1]
    case .ewma:
      let mean = (entity + Int(step.pointee.index)).assumingMemoryBound(to: EwmaState.self)
      if end == Int(state.pointee.count) {
        value = mean.pointee.weight > 0 ? mean.pointee.mean : .nan
      } else {
        let past = replayed(mean, step.pointee.scale, state, layout, end)
        value = past.weight > 0 ? past.mean : .nan
      }
    case .hourRarity:
      let counts = (entity + Int(step.pointee.index)).assumingMemoryBound(to: UInt32.self)
      return rarity(counts, state, layout, end, localHour(time, zone))
    default: preconditionFailure("a step over a window stands outside of one")
    }
    return value.isFinite ? value : .nan
  }

  private func rarity(
    _ counts: UnsafeMutablePointer<UInt32>, _ state: UnsafeMutablePointer<StreamState>,
    _ layout: StreamLayout, _ end: Int, _ hour: Int
  ) -> Double {
    let past = state.pointee.base + Int64(end)
    if past < 8 { return .nan }
    let before = (hour + 23) % 24
    let after = (hour + 1) % 24
    var near = Int64(counts[before]) + Int64(counts[hour]) + Int64(counts[after])
    if end < Int(state.pointee.count) {
      let hours = state.pointee.hours(layout)
      for later in end..<Int(state.pointee.count) {
        let h = Int(hours[later])
        if h == before || h == hour || h == after { near -= 1 }
      }
    }
    return 1 - (Double(near) + 1) / (Double(past) + 8)
  }

  // MARK: remembering

  private func insert(
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ entity: UnsafeMutableRawPointer, _ end: Int,
    _ time: Int64, _ newest: Int64, _ inOrder: Bool, _ own: Double, _ zone: Int32
  ) {
    let layout = stream.pointee.layout
    var position = end
    if state.pointee.count == state.pointee.capacity {
      position -= makeRoom(stream, state, entity, newest)
    }
    if inOrder {
      for index in stream.pointee.steps where steps[index].code == .ewma {
        let mean = (entity + Int(steps[index].index)).assumingMemoryBound(to: EwmaState.self)
        let elapsed = position > 0 ? time &- state.pointee.times[position - 1] : 0
        (mean.pointee.mean, mean.pointee.weight) = EwmaState.after(
          mean.pointee.mean, mean.pointee.weight, elapsed: elapsed, halfLife: steps[index].scale,
          own)
      }
      state.pointee.count += 1
    } else {
      state.pointee.openGap(at: position, layout)
    }
    state.pointee.times[position] = time
    if layout.hasNumber { state.pointee.numbers(layout)[position] = own }
    for index in stream.pointee.steps where steps[index].code == .hourRarity {
      let counts = (entity + Int(steps[index].index)).assumingMemoryBound(to: UInt32.self)
      counts[localHour(time, zone)] &+= 1
    }
    if layout.hasHours { state.pointee.hours(layout)[position] = UInt32(localHour(time, zone)) }
    let cut = end - position
    for lane in 0..<layout.lanes {
      let symbol = symbols[stream.pointee.texts.lowerBound + lane]
      let before = earlier[stream.pointee.texts.lowerBound + lane]
      let list = state.pointee.symbols(lane, layout)
      let links = state.pointee.earlier(lane, layout)
      list[position] = symbol
      links[position] =
        before == StreamState.noText ? before : max(-1, before - Int32(truncatingIfNeeded: cut))
      if symbol == 0 { continue }
      for later in (position + 1)..<max(position + 1, Int(state.pointee.count))
      where list[later] == symbol {
        links[later] = Int32(truncatingIfNeeded: position)
        break
      }
    }
    if inOrder {
      if layout.blocks(Int(state.pointee.capacity)) { state.pointee.closeBlocks(layout) }
    } else {
      settleGap(stream, state, entity, position)
    }
  }

  /// Derives again what a late event at `position` has moved.
  private func settleGap(
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ entity: UnsafeMutableRawPointer, _ position: Int
  ) {
    let layout = stream.pointee.layout
    for index in stream.pointee.windows {
      let cursor = (entity + windows[index].cursor).assumingMemoryBound(to: Int32.self)
      if position < Int(cursor.pointee) { cursor.pointee += 1 }
    }
    state.pointee.rebuildBlocks(from: position, layout)
    for index in stream.pointee.steps where steps[index].code == .ewma {
      let mean = (entity + Int(steps[index].index)).assumingMemoryBound(to: EwmaState.self)
      (mean.pointee.mean, mean.pointee.weight) = replayed(
        mean, steps[index].scale, state, layout, Int(state.pointee.count))
    }
  }

  /// The weighted mean before position `end`, from the settled one on.
  private func replayed(
    _ state: UnsafeMutablePointer<EwmaState>, _ halfLife: Double,
    _ stream: UnsafeMutablePointer<StreamState>, _ layout: StreamLayout, _ end: Int
  ) -> (mean: Double, weight: Double) {
    var mean = state.pointee.settledMean
    var weight = state.pointee.settledWeight
    var last = state.pointee.settledTime
    for position in 0..<end {
      let time = stream.pointee.times[position]
      (mean, weight) = EwmaState.after(
        mean, weight, elapsed: time &- last, halfLife: halfLife,
        stream.pointee.numbers(layout)[position])
      last = time
    }
    return (mean, weight)
  }

  /// Lets go of what no window can reach any more and makes room for one event; returns how many were let go.
  private func makeRoom(
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ entity: UnsafeMutableRawPointer, _ newest: Int64
  ) -> Int {
    let layout = stream.pointee.layout
    let held = Int(state.pointee.count)
    var cut = 0
    if held > 0 {
      let (limit, overflow) = newest.subtractingReportingOverflow(stream.pointee.retention)
      let reachable = state.pointee.lowerBound(overflow ? .min : limit, 0, held)
      cut = max(0, reachable - stream.pointee.kept)
    }
    for index in stream.pointee.steps where cut > 0 && steps[index].code == .ewma {
      let mean = (entity + Int(steps[index].index)).assumingMemoryBound(to: EwmaState.self)
      (mean.pointee.settledMean, mean.pointee.settledWeight) = replayed(
        mean, steps[index].scale, state, layout, cut)
      mean.pointee.settledTime = state.pointee.times[cut - 1]
    }
    var size = 4
    while size < (held - cut) + (held - cut) / 4 + 1 { size *= 2 }
    bufferBytes += state.pointee.resize(cut: cut, to: size, layout)
    for index in stream.pointee.windows {
      let cursor = (entity + windows[index].cursor).assumingMemoryBound(to: Int32.self)
      cursor.pointee = max(0, cursor.pointee - Int32(truncatingIfNeeded: cut))
    }
    return cut
  }
}

private func copied<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
  let copy = UnsafeMutablePointer<T>.allocate(capacity: max(1, values.count))
  for (index, value) in values.enumerated() { (copy + index).initialize(to: value) }
  return copy
}
