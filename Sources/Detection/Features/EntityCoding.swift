/// One entity of a stage as bytes and back: times as differences, numbers in full, texts by number.
///
/// What can be derived (links between equal texts, summaries of blocks, cursors) is left out and derived again, which
/// gives the same bits because all of it depends on the events held alone.
extension EntityStage {
  func encode(
    _ slot: Int32, seen: [[(symbol: UInt32, time: Int64)]], _ texts: inout TextTable,
    _ writer: inout StateWriter
  ) {
    let entity = store.entity(slot)
    let head = store.head(slot).pointee
    writer.count(texts.number(head.key.symbol))
    writer.count(texts.number(head.key.second))
    writer.count(Int(head.index))
    writer.signed(head.newest)
    writer.signed(head.ahead)
    writer.word(head.lastArrival)
    for stream in program.streams { encode(stream, entity, &texts, &writer) }
    encodeProfile(entity, &writer)
    if program.cases >= 0 { cases(entity).pointee.encode(&writer) }
    for values in seen {
      writer.count(values.count)
      for value in values {
        writer.count(texts.number(value.symbol))
        writer.signed(value.time)
      }
    }
  }

  private func encode(
    _ stream: StageProgram.Stream, _ entity: UnsafeMutableRawPointer, _ texts: inout TextTable,
    _ writer: inout StateWriter
  ) {
    let state = (entity + stream.offset).assumingMemoryBound(to: StreamState.self).pointee
    let layout = stream.layout
    writer.signed(state.base)
    writer.count(Int(state.count))
    writer.count(Int(state.capacity))
    var before: Int64 = 0
    for position in 0..<Int(state.count) {
      writer.signed(state.times[position] &- before)
      before = state.times[position]
    }
    for position in 0..<Int(state.count) {
      if layout.hasNumber { writer.number(state.numbers(layout)[position]) }
      for lane in 0..<layout.lanes {
        writer.count(texts.number(state.symbols(lane, layout)[position]))
      }
      if layout.hasHours { writer.word(UInt64(state.hours(layout)[position])) }
    }
    writer.byte(state.coarse == 0 ? 0 : 1)
    if state.coarse != 0, let buckets = coarseStreams[Int(state.coarse) - 1] {
      writer.signed(buckets.dropped)
      for window in buckets.windows { window.encode(&texts, &writer) }
    }
    for step in program.steps[stream.steps] {
      let place = entity + Int(step.index)
      if step.code == .ewma {
        let mean = place.assumingMemoryBound(to: EwmaState.self).pointee
        for value in [mean.mean, mean.weight, mean.settledMean, mean.settledWeight] {
          writer.number(value)
        }
        writer.signed(mean.settledTime)
      } else if step.code == .hourRarity {
        let hours = place.assumingMemoryBound(to: UInt32.self)
        for hour in 0..<24 { writer.word(UInt64(hours[hour])) }
      }
    }
  }

  /// Takes in an entity that another engine wrote, where `keeps` says of its key that it belongs here; else reads on.
  ///
  /// - Parameter index: where each text field stands in this run, by where it stood; matters to the primary scope alone,
  ///   every other one knows its entities by one index.
  func decode(
    _ reader: inout StateReader, _ texts: [UInt32], index: [Int], keeps: (EntityKey) -> Int?
  ) throws(StateDamage) {
    let key = EntityKey(symbol: try reader.symbol(texts), second: try reader.symbol(texts))
    let field = try reader.size(upTo: index.count - 1)
    let place = entitySlot >= 0 ? 0 : index[field]
    let newest = try reader.signed()
    let ahead = try reader.signed()
    let lastArrival = try reader.word()
    guard !key.isMissing, (key.second != 0) == (secondSlot >= 0),
      store.find(key, place) < 0
    else { throw StateDamage(what: "an entity has no name, or stands twice") }
    let partition = keeps(key)
    // What belongs to another shard is read into a place that is given back.
    let slot = store.add(key, place, partition ?? 0)
    defer {
      if partition == nil {
        freeBuffers(store.entity(slot))
        store.remove(slot)
      }
    }
    let entity = store.entity(slot)
    store.head(slot).pointee.newest = newest
    store.head(slot).pointee.ahead = ahead
    store.head(slot).pointee.lastArrival = lastArrival
    for stream in program.streams { try decode(stream, entity, texts, &reader) }
    try decodeProfile(entity, &reader)
    if program.cases >= 0 { bufferBytes += try cases(entity).pointee.decode(&reader) }
    for position in seen.indices {
      for _ in 0..<(try reader.count(each: 2)) {
        let symbol = try reader.symbol(texts)
        let time = try reader.signed()
        if partition == nil { continue }
        if seen[position].needsRoom { seen[position].makeRoom(alive: store.birthsAlive) }
        _ = seen[position].wasSeen(
          birth: store.head(slot).pointee.birth, symbol: symbol, time: time)
      }
    }
  }

  private func decode(
    _ stream: StageProgram.Stream, _ entity: UnsafeMutableRawPointer, _ texts: [UInt32],
    _ reader: inout StateReader
  ) throws(StateDamage) {
    let state = (entity + stream.offset).assumingMemoryBound(to: StreamState.self)
    let layout = stream.layout
    let base = try reader.signed()
    let count = try reader.count()
    let capacity = try reader.size(upTo: max(4, 16 * count))
    let isPower = capacity & (capacity - 1) == 0
    guard base >= 0 && base <= .max / 2, capacity >= count, isPower else {
      throw StateDamage(what: "a list of events is longer than its room")
    }
    state.pointee.base = base
    if capacity > 0 { bufferBytes += state.pointee.resize(cut: 0, to: capacity, layout) }
    var before: Int64 = 0
    for position in 0..<count {
      let time = before &+ (try reader.signed())
      if position > 0 && time < before { throw StateDamage(what: "events are out of order") }
      state.pointee.times[position] = time
      before = time
    }
    var last: [[UInt32: Int32]] = .init(repeating: [:], count: layout.lanes)
    for position in 0..<count {
      if layout.hasNumber {
        let number = try reader.number()
        guard number.isFinite else { throw StateDamage(what: "a number is not finite") }
        state.pointee.numbers(layout)[position] = number
      }
      for lane in 0..<layout.lanes {
        let symbol = try reader.symbol(texts)
        state.pointee.symbols(lane, layout)[position] = symbol
        state.pointee.earlier(lane, layout)[position] =
          symbol == 0 ? StreamState.noText : last[lane][symbol] ?? -1
        last[lane][symbol] = Int32(position)
      }
      if layout.hasHours {
        state.pointee.hours(layout)[position] = UInt32(try reader.size(upTo: 167))
      }
    }
    state.pointee.count = Int32(count)
    state.pointee.rebuildBlocks(from: 0, layout)
    if try reader.byte() != 0 {
      let buckets = addCoarse(stream, state)
      buckets.dropped = try reader.signed()
      for place in buckets.windows.indices { try buckets.windows[place].decode(&reader, texts) }
    }
    for step in program.steps[stream.steps] {
      let place = entity + Int(step.index)
      if step.code == .ewma {
        let mean = place.assumingMemoryBound(to: EwmaState.self)
        mean.pointee.mean = try reader.number()
        mean.pointee.weight = try reader.number()
        mean.pointee.settledMean = try reader.number()
        mean.pointee.settledWeight = try reader.number()
        mean.pointee.settledTime = try reader.signed()
      } else if step.code == .hourRarity {
        let hours = place.assumingMemoryBound(to: UInt32.self)
        for hour in 0..<24 { hours[hour] = UInt32(try reader.size(upTo: Int(UInt32.max))) }
      }
    }
  }
}

extension CaseList {
  func encode(_ writer: inout StateWriter) {
    writer.count(Int(count))
    for position in 0..<Int(count) {
      writer.signed(self[position].time)
      writer.signed(self[position].knownAt)
    }
  }

  /// Into an empty list; returns the bytes that it then holds.
  mutating func decode(_ reader: inout StateReader) throws(StateDamage) -> Int {
    var held = 0
    for _ in 0..<(try reader.count(each: 2)) {
      let one = ConfirmedCase(time: try reader.signed(), knownAt: try reader.signed())
      held += insert(one) { _ in 0 }
    }
    return held
  }
}
