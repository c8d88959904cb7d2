import Foundation
import Primitives

/// Writes checkpoints on a thread of its own: the disk never holds up the events.
///
/// One at a time: who asks while one is being written is told so and asks again later.
final class CheckpointWriter: @unchecked Sendable {
  // Unchecked: every field is read and written under `condition` only.
  private let condition = NSCondition()
  private var isBusy = false
  private var failure: Failure?
  private let queue = DispatchQueue(label: "checkpoints")

  /// Whether a file is on its way to the disk.
  ///
  /// - Throws: what kept the one before from being written.
  func isWriting() throws(Failure) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if let failure { throw failure }
    return isBusy
  }

  func write(_ number: Int, _ encoded: [UInt8], to folder: CheckpointFolder) {
    condition.lock()
    precondition(!isBusy, "a checkpoint is written while none is")
    isBusy = true
    condition.unlock()
    queue.async { [self] in
      var problem: Failure?
      do throws(Failure) { try folder.write(number, encoded) } catch { problem = error }
      condition.lock()
      failure = problem
      isBusy = false
      condition.broadcast()
      condition.unlock()
    }
  }

  /// Waits until nothing is being written.
  func settle() throws(Failure) {
    condition.lock()
    while isBusy { condition.wait() }
    let failure = failure
    condition.unlock()
    if let failure { throw failure }
  }
}
