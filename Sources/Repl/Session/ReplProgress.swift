import Console
import Host
import Primitives

/// Tells a person at a terminal how far a long answer is, and the job that nobody waits for it any more after ^C.
struct ReplProgress: JobProgress {
  private let screen: Screen
  private let stop: StopFlag

  /// - Parameter isShown: a terminal is there to draw on; warnings are told everywhere.
  init(stop: StopFlag) {
    self.stop = stop
    screen = Screen(quiet: false, result: { _ in })
  }

  func begin(_ stage: String, total: Int?) { screen.begin(stage, total: total) }
  func advance(to done: Int) { screen.advance(to: done) }
  func advance(to done: Int, share: Double?) { screen.advance(to: done, share: share) }
  // The answer itself says what came out of it: the bar goes, and no line stays.
  func end(_ result: String) { screen.print("", terminator: "") }
  func warn(_ text: String) { screen.warn(text) }
  var isStopped: Bool { stop.isRaised }
}
