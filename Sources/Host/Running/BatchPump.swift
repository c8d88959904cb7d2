import Detection
import Foundation
import Primitives

/// A batch that was read, what its source says is true of its events, and when it was ready.
struct ReadBatch: Sendable {
  let events: EventBatch
  let labels: [Label]
  /// Seconds of `RunMeter.now`.
  let readyAt: Double
  /// The plugins that judge from this batch on, where they are others than before.
  var generation: BoundGeneration?
}

/// Reads batches on a thread of its own, at most a few ahead; a full queue stops the reading.
///
/// The thread that calls `next` gets each batch in order and gives it back with `recycle` when done.
final class BatchPump: @unchecked Sendable {
  // Unchecked: every field is read and written under `condition` only; a batch belongs to one side at a time.
  private let condition = NSCondition()
  private var free: [EventBatch]
  private var ready: [ReadBatch] = []
  private var isFinished = false
  private var isCancelled = false
  private var failure: Failure?

  /// - Parameters:
  ///   - renew: asked before each batch, on the thread that reads and interns, for plugins to judge with from then on.
  ///   - fill: fills an empty batch and returns the labels that came with it; nil when the input has ended
  ///     and nothing was added.
  init(
    schema: Schema, ahead: Int = 2,
    renew: (@Sendable () -> BoundGeneration?)? = nil,
    fill: @escaping @Sendable (EventBatch) throws(Failure) -> [Label]?
  ) {
    free = (0...ahead).map { _ in EventBatch(schema: schema) }
    let thread = Thread { [self] in
      while let batch = takeFree() {
        batch.removeAll()
        do throws(Failure) {
          guard let labels = try fill(batch) else { return finish(nil) }
          var read = ReadBatch(events: batch, labels: labels, readyAt: RunMeter.now())
          read.generation = renew?()
          give(read)
        } catch {
          return finish(error)
        }
      }
      finish(nil)
    }
    thread.name = "reader"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// The next batch; missing at the end of the input.
  func next() throws(Failure) -> ReadBatch? {
    condition.lock()
    while ready.isEmpty && !isFinished { condition.wait() }
    let batch = ready.isEmpty ? nil : ready.removeFirst()
    let failure = batch == nil ? failure : nil
    condition.unlock()
    if let failure { throw failure }
    return batch
  }

  func recycle(_ batch: ReadBatch) {
    condition.lock()
    free.append(batch.events)
    condition.broadcast()
    condition.unlock()
  }

  /// Stops the reading thread after the batch it is in; `next` then ends.
  func cancel() {
    condition.lock()
    isCancelled = true
    condition.broadcast()
    condition.unlock()
  }

  private func takeFree() -> EventBatch? {
    condition.lock()
    defer { condition.unlock() }
    while free.isEmpty && !isCancelled { condition.wait() }
    return isCancelled ? nil : free.removeLast()
  }

  private func give(_ batch: ReadBatch) {
    condition.lock()
    ready.append(batch)
    condition.broadcast()
    condition.unlock()
  }

  private func finish(_ failure: Failure?) {
    condition.lock()
    self.failure = failure
    isFinished = true
    condition.broadcast()
    condition.unlock()
  }
}
