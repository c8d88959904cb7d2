import Cases
import Primitives
import Store

/// Notices mutes that people add and end while the service runs.
struct MuteWatch {
  private let store: AlertStore
  private var version: Int64
  private var asked = RunMeter.now()
  private static let secondsBetween = 0.5

  init(_ store: AlertStore) {
    self.store = store
    // Lanes may have read theirs earlier: the first answer is always new.
    version = -1
  }

  /// The mutes as they are now, where they may have changed since this was last asked half a second ago or more.
  mutating func changed() throws(Failure) -> MuteBook? {
    let now = RunMeter.now()
    if version >= 0 && now - asked < MuteWatch.secondsBetween { return nil }
    asked = now
    let newest = try store.mutesVersion()
    if newest == version { return nil }
    version = newest
    return MuteBook(try store.mutes().map(\.mute))
  }
}
