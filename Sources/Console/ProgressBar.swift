import Glibc
import Primitives
import Synchronization

/// One line on a terminal that tells how far a long job is, how fast, and how long it still takes.
///
/// Draws on standard error, only where a line can be drawn over, at most ten times a second and each time
/// in one write; `finish` wipes the line. Any thread may report.
package final class ProgressBar: Sendable {
  private struct State {
    var done = 0
    /// Of the work, where its end is not known as a count.
    var share: Double?
    var drawnAt: Double?
    var isFinished = false
  }

  private let title: String
  private let total: Int?
  private let terminal: Terminal
  private let started: Double
  private let seconds: @Sendable () -> Double
  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// `total` is missing where the end is not known; `seconds` is a clock that never goes back.
  package init(
    _ title: String, total: Int?, terminal: Terminal = .errors,
    seconds: @escaping @Sendable () -> Double = monotonicSeconds,
    write: @escaping @Sendable (String) -> Void = writeToStandardError
  ) {
    self.title = safe(title)
    self.total = total
    self.terminal = terminal
    self.seconds = seconds
    self.write = write
    started = seconds()
  }

  package func advance(by amount: Int = 1) { update { $0.done &+= amount } }

  package func advance(to done: Int) { update { $0.done = done } }

  package func advance(to done: Int, share: Double?) {
    update {
      $0.done = done
      $0.share = share
    }
  }

  /// Wipes the line; what is reported later is not drawn.
  package func finish() {
    guard terminal.canRedraw else { return }
    state.withLock { state in
      if !state.isFinished && state.drawnAt != nil { write("\r\u{1B}[K") }
      state.isFinished = true
    }
  }

  deinit { finish() }

  private func update(_ change: (inout State) -> Void) {
    guard terminal.canRedraw else { return }
    state.withLock { state in
      change(&state)
      let now = seconds()
      guard !state.isFinished, now - (state.drawnAt ?? started) >= 0.1 else { return }
      state.drawnAt = now
      write("\r\(line(state, after: now - started))\u{1B}[K")
    }
  }

  private func line(_ state: State, after elapsed: Double) -> String {
    let done = state.done
    let rate = elapsed > 0 ? Double(done) / elapsed : 0
    let width = (terminal.width ?? 80) - 1
    let counted = total.flatMap { $0 > 0 ? Double(done) / Double($0) : nil }
    guard let known = counted ?? state.share else {
      return truncated("\(title)  \(Format.count(done))  \(Format.rate(rate))", to: width)
    }
    let share = min(1, max(0, known))
    var text = "  \(Format.percent(share, 0))  \(Format.count(done))"
    if counted != nil, let total { text += " of \(Format.count(total))" }
    text += "  \(Format.rate(rate))"
    if share > 0, let left = TimeSpan(seconds: (elapsed * (1 - share) / share).rounded()) {
      text += "  \(left < .seconds(10) ? "\(Int(left.seconds)) s" : Format.span(left)) left"
    }
    let room = min(30, width - displayWidth(title) - displayWidth(text) - 2)
    guard room >= 5 else { return truncated(title + text, to: width) }
    let filled = min(room, Int((share * Double(room)).rounded()))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: room - filled)
    return "\(title)  \(bar)\(text)"
  }
}
