import Primitives

/// What an event is told about its entity: each feature from what the windows hold before it.
extension EntityStage {
  @inline(__always)
  func take(
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
      if state.pointee.coarse != 0 && (overflow || limit <= coarse(state).dropped) {
        answerCoarse(
          window, index - stream.pointee.windows.lowerBound, stream, state, entity,
          overflow ? .min : limit, time, batch.zoneOffsets[row], end, own, passes, target)
        continue
      }
      let start = start(
        state, entity, window, overflow ? .min : limit, end, inOrder)
      answer(
        window, stream, state, entity, time, batch.zoneOffsets[row], start, end, own, passes, target
      )
    }
    let zone = batch.zoneOffsets[row]
    let isBeyond = state.pointee.coarse != 0 && !inOrder && time < coarse(state).dropped
    for index in stream.pointee.steps {
      target[Int(steps[index].column)] =
        isBeyond ? .nan : whole(steps + index, stream, state, entity, end, time, own, zone)
    }
    if passes && (!stream.pointee.layout.hasNumber || !own.isNaN) {
      insert(stream, state, entity, end, time, newest, inOrder, own, zone)
    }
  }

  @inline(__always)
  func start(
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
  func answer(
    _ window: UnsafeMutablePointer<StageProgram.Window>,
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ entity: UnsafeMutableRawPointer, _ time: Int64,
    _ zone: Int32, _ start: Int, _ end: Int, _ own: Double, _ passes: Bool,
    _ target: UnsafeMutablePointer<Double>
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
      case .labelRate:
        value = rate(step, state, entity, window.pointee.length, time, start, end)
      case .seasonal:
        value = seasonal(state, layout, start, end, own, localHourOfWeek(time, zone))
      case .sinceLabel, .sinceLast, .difference1, .difference2, .ratioToLast, .ewma, .hourRarity,
        .isNew,
        .history:
        preconditionFailure("a step over the whole past stands in a window")
      }
      target[Int(step.pointee.column)] = value.isFinite ? value : .nan
    }
  }

  /// A step over everything before position `end`.
  func whole(
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
    case .sinceLabel:
      let cases = cases(entity)
      let (last, overflow) = time.subtractingReportingOverflow(step.pointee.knownAfter)
      guard !overflow, let newest = cases.pointee.newest(to: last, at: time) else { return .nan }
      let (elapsed, beyond) = time.subtractingReportingOverflow(newest)
      value = beyond ? .nan : Double(elapsed) / 1e6
    default: preconditionFailure("a step over a window stands outside of one")
    }
    return value.isFinite ? value : .nan
  }

  func rarity(
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
        let h = Int(hours[later]) % 24
        if h == before || h == hour || h == after { near -= 1 }
      }
    }
    return 1 - (Double(near) + 1) / (Double(past) + 8)
  }
}
