import Detection
import Foundation
import Primitives

/// Copies of what a run judges from one event on, for windows that are being filled with the events before it.
///
/// Belongs to the thread that judges, from when the desk opens it.
final class RefillTap: @unchecked Sendable {
  // Unchecked because of the rule above; others only hold it.
  /// What a stream brings while the windows are handed over is a few batches; more than this is not kept for them.
  static let most = 1 << 20

  private(set) var batches: [EventBatch] = []
  private var events = 0
  /// Whether more came than is kept.
  var isOverflown: Bool { events > RefillTap.most }
  fileprivate(set) var isClosed = false

  fileprivate func take(_ batch: EventBatch) {
    events += batch.count
    if isOverflown { batches = [] } else { batches.append(batch) }
  }

  /// Takes no more.
  func close() { isClosed = true }
}

/// Where the thread that fills windows and the thread that judges agree on an event of the stream.
final class RefillDesk: @unchecked Sendable {
  // Unchecked: the fields up to `taps` are read and written under `condition` only, `taps` by the thread that judges.

  /// How far a run has come between two batches.
  struct Standing {
    /// Judged since the source was first read. All of them are in the database.
    var events: Int
    /// How far the stream has come, in microseconds; missing before the first event of the run.
    var time: Int64?
  }

  private let condition = NSCondition()
  private var isAsked = false
  private var asked: RefillTap?
  private var answer: Standing?
  private var stopped = false
  private var taps: [() -> RefillTap?] = []

  var isStopped: Bool {
    condition.lock()
    defer { condition.unlock() }
    return stopped
  }

  /// Nobody is served any more.
  func stop() {
    condition.lock()
    stopped = true
    condition.broadcast()
    condition.unlock()
  }

  // MARK: the thread that fills

  /// Waits for the next border of a batch; `tap` gets what is judged from there on. Nothing where the run has ended.
  func ask(_ tap: RefillTap? = nil) -> Standing? {
    condition.lock()
    defer { condition.unlock() }
    (isAsked, asked, answer) = (true, tap, nil)
    while answer == nil && !stopped { condition.wait() }
    return answer
  }

  // MARK: the thread that judges

  /// Answers whoever asks. Between batches.
  ///
  /// - Parameter commit: makes all that was judged lasting.
  func serve(
    events: Int, time: Int64?, commit: () throws(Failure) -> Void
  ) throws(Failure) {
    condition.lock()
    let isAsked = isAsked
    condition.unlock()
    guard isAsked else { return }
    try commit()
    condition.lock()
    if let asked { taps.append { [weak asked] in asked } }
    (self.isAsked, asked, answer) = (false, nil, Standing(events: events, time: time))
    condition.broadcast()
    condition.unlock()
  }

  /// A batch was judged.
  func saw(_ batch: EventBatch) {
    if taps.isEmpty { return }
    // A generation that nobody took has left, and its tap with it.
    taps.removeAll { $0()?.isClosed ?? true }
    if taps.isEmpty || batch.isEmpty { return }
    let copy = EventBatch(schema: batch.schema, capacity: batch.count)
    copy.append(batch, rows: 0..<batch.count)
    for tap in taps { tap()?.take(copy) }
  }
}
