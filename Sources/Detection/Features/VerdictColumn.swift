package import Primitives

/// From when on each event of a batch is known to be bad: what features of labels read, and nothing else does.
///
/// Filled by the one thread that knows the labels before a batch is processed, then read by all workers. An event's own
/// verdict is never seen by its own features: they look at earlier events, and only at what is known at its time.
package final class VerdictColumn: @unchecked Sendable {
  // Unchecked because of the hand-off rule above: raw memory, filled before other threads see it.
  package let capacity: Int
  /// Microseconds since the epoch; `never` for an event that no label calls bad.
  private let times: UnsafeMutablePointer<Int64>
  static let never = Int64.max

  package init(capacity: Int = EventBatch.standardCapacity) {
    self.capacity = capacity
    times = .allocate(capacity: max(1, capacity))
    times.initialize(repeating: VerdictColumn.never, count: max(1, capacity))
  }

  deinit { times.deallocate() }

  /// Notes that a row's event is known to be bad from this instant on; missing where it is not.
  package func set(_ row: Int, knownAt time: Timestamp?) {
    precondition(row >= 0 && row < capacity, "a verdict is of a row of the batch")
    times[row] = time?.microseconds ?? VerdictColumn.never
  }

  @inline(__always)
  subscript(row: Int) -> Int64 { times[row] }
}
