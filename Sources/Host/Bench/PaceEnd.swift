import Synchronization

/// Stops a steady pace when all that was written has been judged, however long that takes: a machine that falls behind
/// has its worst latencies last, and none of them may be cut off.
final class PaceEnd: Sendable {
  private let stop: StopRequest
  private let counts = Mutex<(judged: Int, written: Int?)>((0, nil))

  init(_ stop: StopRequest) { self.stop = stop }

  /// Nothing follows these events.
  func wrote(_ events: Int) {
    update { $0.written = events }
  }

  func judged(_ events: Int) {
    update { $0.judged += events }
  }

  private func update(_ change: (inout (judged: Int, written: Int?)) -> Void) {
    let isOver = counts.withLock { counts in
      change(&counts)
      return counts.written.map { counts.judged >= $0 } ?? false
    }
    if isOver { stop.stop() }
  }
}
