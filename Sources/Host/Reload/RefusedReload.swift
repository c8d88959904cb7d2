import Synchronization

/// The last change of the plugins that was not taken up, for reports: told by the thread that builds, read by the one that
/// judges. A change that is taken up clears it.
final class RefusedReload: Sendable {
  private let state = Mutex<String?>(nil)

  var reason: String? { state.withLock { $0 } }

  func tell(_ reason: String?) { state.withLock { $0 = reason } }
}
