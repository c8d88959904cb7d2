/// What is known of a stream beyond the newest events that are held one by one: a row of buckets for each window.
///
/// A class because it is large and few entities have one: those with more than 8,192 events that a window may still
/// reach. From then on the newest 4,096 at least stay exact, and so does every window that holds no more than them.
///
/// Events ahead of the stream's clock (see `StreamClock`) stand in no bucket, also when the clock has reached them: they
/// may lie anywhere in time, and each would take a bucket that no window lets go.
final class CoarseStream {
  /// Events up to this time are no longer held one by one.
  var dropped: Int64
  var windows: [CoarseWindow]

  init(_ windows: [CoarseWindow], dropped: Int64) {
    self.windows = windows
    self.dropped = dropped
  }

  var bytes: Int { windows.reduce(0) { $0 + $1.bytes } }

  /// Above this many events that may still be asked for, the oldest go to buckets.
  static let most = 8192
  /// So many of the newest stay.
  static let kept = 4096
}

extension EntityStage {
  /// The buckets of a stream that has them.
  @inline(__always)
  func coarse(_ state: UnsafeMutablePointer<StreamState>) -> CoarseStream {
    guard let stream = coarseStreams[Int(state.pointee.coarse) - 1] else {
      preconditionFailure("a stream's buckets were given back while it had them")
    }
    return stream
  }

  /// Gives a stream empty buckets.
  func addCoarse(
    _ stream: StageProgram.Stream, _ state: UnsafeMutablePointer<StreamState>
  ) -> CoarseStream {
    let new = CoarseStream(
      stream.windows.map {
        CoarseWindow(length: windows[$0].length, lanes: stream.layout.lanes)
      }, dropped: .min)
    if let free = freeCoarse.popLast() {
      coarseStreams[Int(free)] = new
      state.pointee.coarse = free + 1
    } else {
      coarseStreams.append(new)
      state.pointee.coarse = Int32(coarseStreams.count)
    }
    return new
  }

  func removeCoarse(_ state: UnsafeMutablePointer<StreamState>) {
    if state.pointee.coarse == 0 { return }
    coarseStreams[Int(state.pointee.coarse) - 1] = nil
    freeCoarse.append(state.pointee.coarse - 1)
    state.pointee.coarse = 0
  }

  /// Moves the oldest events of a full stream into buckets; returns how many may be let go.
  func thin(
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ newest: Int64, reachable: Int
  ) -> Int {
    let layout = stream.pointee.layout
    let held = Int(state.pointee.count)
    let known = state.pointee.coarse != 0
    let buckets = known ? coarse(state) : addCoarse(stream.pointee, state)
    if !known {
      for position in reachable..<held {
        let number = layout.hasNumber ? state.pointee.numbers(layout)[position] : .nan
        fill(buckets, stream, state.pointee.times[position], newest, number) {
          state.pointee.symbols($0, layout)[position]
        }
      }
    }
    let cut = held - CoarseStream.kept
    buckets.dropped = state.pointee.times[cut - 1]
    return cut
  }

  /// Notes an event that is not ahead of the clock in the buckets of all windows that an event may still ask for it, and
  /// forgets what none reaches.
  private func fill(
    _ buckets: CoarseStream, _ stream: UnsafeMutablePointer<StageProgram.Stream>, _ time: Int64,
    _ newest: Int64, _ number: Double, symbol: (Int) -> UInt32
  ) {
    if time > newest { return }
    let first = stream.pointee.windows.lowerBound
    for place in buckets.windows.indices {
      let length = windows[first + place].length
      let reach = (length == WindowPlan.today ? 86_400_000_000 : length) &+ lateness
      let (oldest, overflow) = newest.subtractingReportingOverflow(reach)
      if !overflow {
        if time < oldest { continue }
        buckets.windows[place].forget(before: oldest)
      }
      buckets.windows[place].insert(time, number)
      let bucket = buckets.windows[place].index(time)
      for lane in 0..<stream.pointee.layout.lanes {
        buckets.windows[place].distinct[lane].insert(
          symbol(lane), hashes: hashes, bucket: bucket, oldest: bucket &- CoarseWindow.parts)
      }
    }
  }

  /// Notes the event at hand in the buckets.
  func fill(
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ time: Int64, _ newest: Int64, _ own: Double
  ) {
    let first = stream.pointee.texts.lowerBound
    fill(coarse(state), stream, time, newest, own) { symbols[first + $0] }
  }

  /// The answers of a window that reaches back beyond the events that are held one by one.
  func answerCoarse(
    _ window: UnsafeMutablePointer<StageProgram.Window>, _ place: Int,
    _ stream: UnsafeMutablePointer<StageProgram.Stream>,
    _ state: UnsafeMutablePointer<StreamState>, _ entity: UnsafeMutableRawPointer, _ limit: Int64,
    _ time: Int64, _ zone: Int32, _ end: Int, _ own: Double, _ passes: Bool,
    _ target: UnsafeMutablePointer<Double>
  ) {
    let buckets = coarse(state)
    let content = buckets.windows[place].content(from: limit, to: time)
    let summary = content.summary
    let layout = stream.pointee.layout
    let events = Double(content.events)
    for index in window.pointee.steps {
      let step = steps + index
      let value: Double
      switch step.pointee.code {
      case .count: value = events + (passes ? 1 : 0)
      case .rate: value = (events + (passes ? 1 : 0)) / step.pointee.scale
      case .sum: value = summary.count > 0 ? summary.total : .nan
      case .sumWithOwn: value = summary.count > 0 ? summary.total + (own.isNaN ? 0 : own) : own
      case .mean: value = summary.count > 0 ? summary.mean : .nan
      case .std: value = summary.deviation
      case .min: value = summary.smallest
      case .max: value = summary.largest
      case .first: value = content.first
      case .last: value = end > 0 ? state.pointee.numbers(layout)[end - 1] : .nan
      case .zScore:
        let distance = (own - summary.origin) - summary.sum / summary.count
        value = summary.squares > 0 ? distance / summary.deviation : .nan
      case .ratioToMean: value = summary.count > 0 ? own / summary.mean : .nan
      case .percentChange: value = (own - content.first) / content.first * 100
      case .distinct:
        let lane = Int(step.pointee.index)
        let first = buckets.windows[place].index(limit)
        value = buckets.windows[place].distinct[lane].count(
          from: first, with: passes ? symbols[stream.pointee.texts.lowerBound + lane] : 0,
          hashes: hashes)
      case .labelRate:
        let (last, overflow) = time.subtractingReportingOverflow(step.pointee.knownAfter)
        let judged = overflow ? 0 : buckets.windows[place].content(from: limit, to: last).events
        let bad = cases(entity).pointee.known(from: limit, to: last, at: time)
        value = judged > 0 ? min(1, Double(bad) / Double(judged)) : .nan
      case .seasonal:
        value = seasonal(state, layout, 0, end, own, localHourOfWeek(time, zone))
      case .sinceLabel, .sinceLast, .difference1, .difference2, .ratioToLast, .ewma, .hourRarity,
        .isNew, .history:
        preconditionFailure("a step over the whole past stands in a window")
      }
      target[Int(step.pointee.column)] = value.isFinite ? value : .nan
    }
  }
}
