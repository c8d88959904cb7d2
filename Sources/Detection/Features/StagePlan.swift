import Primitives

/// A number that an event brings to a window: one field, or the measure (`amount`, or `value` where that is missing).
struct NumberSource: Hashable {
  /// Number slots; −1 where there is none.
  var first: Int32
  var second: Int32

  /// Missing where absent; an infinite number counts as missing, so that it cannot spoil an entity's windows.
  @inline(__always)
  func value(_ batch: EventBatch, _ row: Int) -> Double {
    var x = first >= 0 ? batch.number(row, Int(first)) : .nan
    if x.isNaN && second >= 0 { x = batch.number(row, Int(second)) }
    return x.isFinite ? x : .nan
  }
}

/// A text that an event brings to a window: a field, its kind or its source.
struct TextSource: Hashable {
  /// A text slot, or one of the two below.
  var slot: Int32
  static let kind = TextSource(slot: -1)
  static let source = TextSource(slot: -2)

  @inline(__always)
  func symbol(_ batch: EventBatch, _ row: Int) -> Symbol {
    switch slot {
    case -1: batch.kinds[row]
    case -2: batch.sources[row]
    default: batch.text(row, Int(slot))
    }
  }
}

/// One number to write: what, from which lane, into which column.
struct FeatureStep {
  enum Code: UInt8 {
    // Of a window.
    case count, rate, sum, mean, std, min, max, first, last, zScore, ratioToMean, percentChange
    case distinct, sumWithOwn, labelRate, seasonal
    // Of an entity's whole past.
    case sinceLast, difference1, difference2, ratioToLast, ewma, hourRarity, isNew, history
    case sinceLabel
  }
  var code: Code
  var column: Int32
  /// The text lane (distinct), the state's offset in the entity (ewma, hourRarity), the table (isNew).
  var index: Int32 = 0
  /// Hours (rate) or the half-life in microseconds (ewma).
  var scale = 0.0
  /// Microseconds from an event until its label counts as known (labelRate, sinceLabel).
  var knownAfter: Int64 = 0
}

/// One window over a stream; all steps that look at the same stretch of events share it.
struct WindowPlan {
  /// Microseconds; `today` stands for the calendar day so far.
  var length: Int64
  var steps: [FeatureStep] = []
  static let today = Int64(-1)
}

/// The events of an entity that pass one filter, with what must be remembered of each.
///
/// A stream with a number holds only the events that have that number, so windows over it never meet a missing one.
struct StreamPlan {
  var filter: [Predicate]
  var number: NumberSource?
  var texts: [TextSource] = []
  var windows: [WindowPlan] = []
  var steps: [FeatureStep] = []
  /// Local hours of the week are remembered, for `hourRarity` and `seasonal`.
  var keepsHours = false
}

/// All windows over the entities of one scope, in the form from which an `EntityStage` runs.
struct StagePlan {
  var scope: EntityScope
  /// The text slot of the entity; −1 for the event's first entity.
  var entitySlot: Int32
  /// The text slot of the second field where two together are the entity; −1 otherwise.
  var secondSlot: Int32 = -1
  var streams: [StreamPlan] = []
  var newness: [(text: TextSource, column: Int32)] = []
  /// Bad events are remembered, for features of labels.
  var keepsCases = false
  /// Every column that this stage writes, once.
  var columns: [Int32] = []
}
