import Primitives

/// How an event is remembered: appended, or put in its place where it is late, with room made as needed.
extension EntityStage {
  func insert(
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ entity: UnsafeMutableRawPointer, _ end: Int,
    _ time: Int64, _ newest: Int64, _ inOrder: Bool, _ own: Double, _ zone: Int32
  ) {
    let layout = stream.pointee.layout
    var position = end
    if state.pointee.coarse != 0 && !inOrder && time < coarse(state).dropped {
      position = -1
    } else if state.pointee.count == state.pointee.capacity {
      position -= makeRoom(stream, state, entity, newest)
    }
    if state.pointee.coarse != 0 { fill(stream, state, time, newest, own) }
    if position < 0 { return remember(stream, state, entity, time, zone) }
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
    if layout.hasHours {
      state.pointee.hours(layout)[position] = UInt32(localHourOfWeek(time, zone))
    }
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

  /// A late event from before all that is held one by one: it counts, and nothing else is known of it.
  private func remember(
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ entity: UnsafeMutableRawPointer, _ time: Int64,
    _ zone: Int32
  ) {
    for index in stream.pointee.steps where steps[index].code == .hourRarity {
      let counts = (entity + Int(steps[index].index)).assumingMemoryBound(to: UInt32.self)
      counts[localHour(time, zone)] &+= 1
    }
    state.pointee.base += 1
    state.pointee.rebuildBlocks(from: 0, stream.pointee.layout)
  }

  /// Derives again what a late event at `position` has moved.
  func settleGap(
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
  func replayed(
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

  /// Lets go of what no window can reach any more, or moves it into buckets where there is very much, and makes room for one event; returns how many were let go.
  func makeRoom(
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
    if held - cut >= CoarseStream.most { cut = thin(stream, state, newest, reachable: cut) }
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
