import Cases
package import Primitives
package import Store

/// What a data directory holds and may hold.
package struct RetentionState: Hashable, Sendable {
  package var sizes: KeptSizes
  package var retention: Retention
}

/// What retention let go of, all steps together.
package struct RetentionOutcome: Hashable, Sendable {
  package var left: Left
  /// Given back to the disk.
  package var freedBytes: Int
  package var state: RetentionState
}

extension Control {
  package func retention() throws(Failure) -> RetentionState {
    RetentionState(sizes: try store(.readOnly).sizes(), retention: settings.retention)
  }

  /// Lets go of all that is due now, and gives its space back to the disk; a service does so step by step by itself.
  package func applyRetention(now: Timestamp = WallClock.now()) throws(Failure) -> RetentionOutcome
  {
    let store = try store(.change)
    var total = Left.nothing
    repeat {
      total += try store.leave(settings.retention.applied, at: now)
    } while total.hasMore
    let freed = try store.vacuum()
    return RetentionOutcome(
      left: total, freedBytes: freed,
      state: RetentionState(sizes: try store.sizes(), retention: settings.retention))
  }
}
