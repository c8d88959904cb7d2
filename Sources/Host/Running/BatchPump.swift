import Detection
import Foundation
import Primitives

/// A batch that was read, what its source says is true of its events, and when it was ready.
struct ReadBatch: Sendable {
  let events: EventBatch
  let labels: [Label]
  /// Seconds of `RunMeter.now`.
  let readyAt: Double
  /// Which of the pump's feeds it came from.
  var feed = 0
  /// Where its source stands after it, where a later run can go on from there.
  var mark: SourceMark?
  /// The plugins that judge from this batch on, where they are others than before.
  var generation: BoundGeneration?
}

/// Where batches come from.
struct BatchFeed: Sendable {
  enum Step {
    /// The batch holds events.
    case filled(labels: [Label] = [], mark: SourceMark? = nil)
    /// The batch is empty: nothing has come for a moment, and something may yet.
    case quiet
    /// The batch is empty, and nothing will follow.
    case ended
  }

  let schema: Schema
  /// Asked after each batch is filled, on the thread that reads and interns, for plugins to judge with from it on.
  var renew: (@Sendable () -> BoundGeneration?)?
  /// Fills an empty batch. Called by a thread of the feed's own: a stop, checkpoints and other feeds wait for none. A feed
  /// that may go on later says within a fraction of a second that it is quiet; one of a pipe just waits for more or the end.
  let fill: @Sendable (EventBatch) throws(Failure) -> Step
}

/// Reads batches, each feed on a thread of its own and at most a few ahead; a full queue stops the reading.
///
/// The thread that calls `next` gets the batches of a feed in their order and gives them back with `recycle` when done.
final class BatchPump: @unchecked Sendable {
  // Unchecked: every field is read and written under `condition` only; a batch belongs to one side at a time.
  private let condition = NSCondition()
  private var feeds: [State]
  private var ready: [ReadBatch] = []
  private var isCancelled = false

  private struct State {
    var free: [EventBatch]
    /// Batches that were filled and have not been given back.
    var taken = 0
    var isQuiet = false
    var isFinished = false
    var failure: Failure?
  }

  enum Poll {
    case batch(ReadBatch)
    /// Nothing was ready in time.
    case nothing
    /// Every feed has ended.
    case ended
  }

  init(_ feeds: [BatchFeed], ahead: Int = 2) {
    self.feeds = feeds.map { feed in
      State(free: (0...ahead).map { _ in EventBatch(schema: feed.schema) })
    }
    for (number, feed) in feeds.enumerated() {
      let thread = Thread { [self] in read(feed, number) }
      thread.name = "reader"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// - Parameters:
  ///   - renew: as in `BatchFeed`.
  ///   - fill: fills an empty batch and returns the labels that came with it; nil when the input has ended and
  ///     nothing was added.
  convenience init(
    schema: Schema, ahead: Int = 2, renew: (@Sendable () -> BoundGeneration?)? = nil,
    fill: @escaping @Sendable (EventBatch) throws(Failure) -> [Label]?
  ) {
    let feed = BatchFeed(schema: schema, renew: renew) { (batch) throws(Failure) in
      try fill(batch).map { .filled(labels: $0) } ?? .ended
    }
    self.init([feed], ahead: ahead)
  }

  // MARK: taking

  /// The next batch; missing at the end of all feeds.
  func next() throws(Failure) -> ReadBatch? {
    while true {
      switch try poll(seconds: 3600) {
      case .batch(let batch): return batch
      case .nothing: continue
      case .ended: return nil
      }
    }
  }

  /// The next batch, waited for at most so long.
  ///
  /// - Throws: what ended a feed, once all have ended and their batches are taken.
  func poll(seconds: Double) throws(Failure) -> Poll {
    let limit = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    while ready.isEmpty && !feeds.allSatisfy(\.isFinished) {
      if !condition.wait(until: limit) { break }
    }
    let batch = ready.isEmpty ? nil : ready.removeFirst()
    let isOver = batch == nil && feeds.allSatisfy(\.isFinished)
    let failure = isOver ? feeds.compactMap(\.failure).first : nil
    condition.unlock()
    if let failure { throw failure }
    return batch.map { .batch($0) } ?? (isOver ? .ended : .nothing)
  }

  func recycle(_ batch: ReadBatch) {
    condition.lock()
    feeds[batch.feed].free.append(batch.events)
    feeds[batch.feed].taken -= 1
    condition.broadcast()
    condition.unlock()
  }

  /// Stops the reading threads after the batch they are in; `next` then ends.
  func cancel() {
    condition.lock()
    isCancelled = true
    condition.broadcast()
    condition.unlock()
  }

  /// Stops the reading threads and waits until they are done, so that what they read with belongs to the caller.
  func stop() {
    cancel()
    condition.lock()
    while !feeds.allSatisfy(\.isFinished) { condition.wait() }
    condition.unlock()
  }

  /// Whether every feed has ended or is at its end for now, and all that it gave has been given back.
  var isIdle: Bool {
    condition.lock()
    defer { condition.unlock() }
    return feeds.allSatisfy { ($0.isQuiet || $0.isFinished) && $0.taken == 0 }
  }

  /// What ended a feed, by its number.
  var failures: [(feed: Int, failure: Failure)] {
    condition.lock()
    defer { condition.unlock() }
    return feeds.enumerated().compactMap { number, state in state.failure.map { (number, $0) } }
  }

  // MARK: reading

  private func read(_ feed: BatchFeed, _ number: Int) {
    while let batch = takeFree(number) {
      batch.removeAll()
      do throws(Failure) {
        switch try feed.fill(batch) {
        case .filled(let labels, let mark):
          var read = ReadBatch(
            events: batch, labels: labels, readyAt: RunMeter.now(), feed: number, mark: mark)
          read.generation = feed.renew?()
          give(read)
        case .quiet: giveBack(batch, number)
        case .ended: return finish(number, nil)
        }
      } catch {
        return finish(number, error)
      }
    }
    finish(number, nil)
  }

  private func takeFree(_ number: Int) -> EventBatch? {
    condition.lock()
    defer { condition.unlock() }
    while feeds[number].free.isEmpty && !isCancelled { condition.wait() }
    return isCancelled ? nil : feeds[number].free.removeLast()
  }

  private func give(_ batch: ReadBatch) {
    condition.lock()
    ready.append(batch)
    feeds[batch.feed].taken += 1
    feeds[batch.feed].isQuiet = false
    condition.broadcast()
    condition.unlock()
  }

  private func giveBack(_ batch: EventBatch, _ number: Int) {
    condition.lock()
    feeds[number].free.append(batch)
    feeds[number].isQuiet = true
    condition.unlock()
  }

  private func finish(_ number: Int, _ failure: Failure?) {
    condition.lock()
    feeds[number].failure = failure
    feeds[number].isFinished = true
    condition.broadcast()
    condition.unlock()
  }
}
