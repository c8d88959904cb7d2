import Synchronization

/// A wish that a running job end by itself, from any thread.
package final class StopRequest: Sendable {
  private let state = Atomic<Bool>(false)

  package init() {}

  package func stop() { state.store(true, ordering: .relaxed) }

  package var isStopping: Bool { state.load(ordering: .relaxed) }
}
