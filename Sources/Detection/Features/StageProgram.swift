import Primitives

/// A stage's plan as flat plain values with every offset computed: what an `EntityStage` runs per event.
///
/// An entity is one block of `entityBytes`: its head, a `StreamState` a stream, a cursor (Int32) a window, the states of
/// `ewma` and `hourRarity`, and a `ProfileHead` where anybody asks what is usual.
struct StageProgram {
  struct Stream {
    /// Position among the stage's filters; −1 where every event passes.
    var filter: Int
    var number: NumberSource
    var layout: StreamLayout
    var texts: Range<Int>
    var windows: Range<Int>
    var steps: Range<Int>
    /// Where its `StreamState` lies in the entity.
    var offset: Int
    /// Events older than the entity's newest by more than this (µs) can be let go, except the last `kept` of them.
    var retention: Int64
    var kept: Int
  }

  struct Window {
    var length: Int64
    var steps: Range<Int>
    /// Where its cursor lies in the entity.
    var cursor: Int
    var needsSummary: Bool
    var spread: Bool
    var extremes: Bool
  }

  /// A column of which samples are kept.
  struct Sampled {
    var column: Int
    /// Position among the columns that were asked for.
    var position: Int
  }

  private(set) var streams: [Stream] = []
  private(set) var windows: [Window] = []
  private(set) var steps: [FeatureStep] = []
  private(set) var texts: [TextSource] = []
  /// Flags are not among them: their usual range is no news.
  private(set) var sampled: [Sampled] = []
  private(set) var filters: [CompiledCondition] = []
  private(set) var entityBytes = MemoryLayout<EntityHead>.stride
  private(set) var longestRetention: Int64 = 0
  /// Where the entity's `CaseList` lies; −1 where no feature reads labels.
  private(set) var cases = -1
  /// Cases older than the entity's newest event by more than this (µs) are in no window.
  private(set) var caseRetention: Int64 = 0
  /// Where the entity's `ProfileHead` lies; −1 where nobody asks what is normal.
  private(set) var profile = -1
  /// The longest that a feature without a window waits for a label; −1 where there is no such feature.
  private(set) var caseDelay: Int64 = -1

  init(
    _ plan: StagePlan, conditions: [[Predicate]: CompiledCondition],
    sampled: [Sampled], lateness: TimeSpan
  ) {
    var known: [[Predicate]: Int] = [:]
    for stream in plan.streams {
      if !stream.filter.isEmpty && known[stream.filter] == nil {
        guard let condition = conditions[stream.filter] else {
          preconditionFailure("the plan compiled every filter of its streams")
        }
        known[stream.filter] = filters.count
        filters.append(condition)
      }
      add(stream, filter: known[stream.filter] ?? -1, lateness)
    }
    for index in streams.indices {
      streams[index].offset = reserve(MemoryLayout<StreamState>.stride, 8)
    }
    for index in steps.indices {
      if steps[index].code == .ewma {
        steps[index].index = Int32(reserve(MemoryLayout<EwmaState>.stride, 8))
      } else if steps[index].code == .hourRarity {
        steps[index].index = Int32(reserve(24 * 4, 4))
      }
    }
    for index in windows.indices { windows[index].cursor = reserve(4, 4) }
    if plan.keepsCases {
      cases = reserve(MemoryLayout<CaseList>.stride, 8)
      let rates = windows.filter { window in steps[window.steps].contains { $0.code == .labelRate }
      }
      caseRetention =
        (TimeSpan(microseconds: rates.map(\.length).max() ?? 0) + lateness).microseconds
      caseDelay = steps.filter { $0.code == .sinceLabel }.map(\.knownAfter).max() ?? -1
    }
    let flags = Set(plan.newness.map { Int($0.column) })
    self.sampled = sampled.filter { !flags.contains($0.column) }
    if !self.sampled.isEmpty { profile = reserve(MemoryLayout<ProfileHead>.stride, 8) }
    entityBytes = (entityBytes + 7) & ~7
  }

  private mutating func add(_ stream: StreamPlan, filter: Int, _ lateness: TimeSpan) {
    let firstWindow = windows.count
    var longest: Int64 = 0
    var hasBlocks = false
    for window in stream.windows {
      let firstStep = steps.count
      steps += window.steps
      let codes = window.steps.map(\.code)
      let summarised: [FeatureStep.Code] = [
        .sum, .mean, .std, .min, .max, .zScore, .ratioToMean, .sumWithOwn,
      ]
      let needsSummary = codes.contains { summarised.contains($0) }
      windows.append(
        Window(
          length: window.length, steps: firstStep..<steps.count, cursor: 0,
          needsSummary: needsSummary, spread: codes.contains { $0 == .std || $0 == .zScore },
          extremes: codes.contains { $0 == .min || $0 == .max }))
      hasBlocks = hasBlocks || needsSummary
      longest = max(
        longest, window.length == WindowPlan.today ? 86_400_000_000 : window.length)
    }
    let firstStep = steps.count
    steps += stream.steps
    let firstText = texts.count
    texts += stream.texts
    let retention = (TimeSpan(microseconds: longest) + lateness).microseconds
    longestRetention = max(longestRetention, retention)
    streams.append(
      Stream(
        filter: filter, number: stream.number ?? NumberSource(first: -1, second: -1),
        layout: StreamLayout(
          hasNumber: stream.number != nil, lanes: stream.texts.count, hasHours: stream.keepsHours,
          hasBlocks: hasBlocks),
        texts: firstText..<texts.count, windows: firstWindow..<windows.count,
        steps: firstStep..<steps.count, offset: 0, retention: retention,
        kept: stream.steps.isEmpty ? 0 : 2))
  }

  private mutating func reserve(_ size: Int, _ alignment: Int) -> Int {
    let offset = (entityBytes + alignment - 1) & ~(alignment - 1)
    entityBytes = offset + size
    return offset
  }
}

/// What the engine knows of an entity apart from its windows.
struct EntityHead {
  /// Time of the newest event that was believed (see `StreamClock`); `.min` before the first.
  var newest: Int64
  /// Time of the newest event that was not; `.min` where all were.
  var ahead: Int64
  /// Arrival number of the last event, for eviction.
  var lastArrival: UInt64
  var key: EntityKey
  /// Tells this entity from an earlier one of the same name that was forgotten; from 1.
  var birth: UInt32
  /// Position in its partition's list.
  var place: Int32
  var index: UInt16
  var partition: UInt8
}

/// An exponentially weighted mean now and as it was when the last event was let go.
struct EwmaState {
  var mean = 0.0
  var weight = 0.0
  var settledMean = 0.0
  var settledWeight = 0.0
  var settledTime: Int64 = 0

  /// A weighted mean after one more number; weight 0 stands for no number before.
  @inline(__always)
  static func after(
    _ mean: Double, _ weight: Double, elapsed: Int64, halfLife: Double, _ value: Double
  ) -> (mean: Double, weight: Double) {
    if weight == 0 { return (value, 1) }
    let decayed = weight * halved(Double(elapsed) / halfLife)
    let total = decayed + 1
    return (mean * (decayed / total) + value / total, total)
  }
}
