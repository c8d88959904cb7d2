import Cases
package import Primitives
import Store

/// The moment that a question about the past or the present is about, in the time of the events.
///
/// People decide by the machine's clock, also about events of last month. Without a moment, at `now` and at the newest alert's
/// time or later, every decision counts that there is. At an earlier time an alert that was kept within a day of its event
/// stands as it had been decided by then; one that was read long afterwards as it is decided today, since nobody could
/// have decided by then.
package enum Moment: Sendable {
  /// The time of the newest stored alert: what was read may be of last month.
  case newestAlert
  /// The machine's clock.
  case now
  case at(Timestamp)

  /// `now`, or a time as people write it.
  package init?(_ words: String) {
    if words == "now" {
      self = .now
    } else if let time = TimeWords.parse(words) {
      self = .at(time)
    } else {
      return nil
    }
  }
}

extension Control {
  func time(of moment: Moment, _ store: AlertStore) throws(Failure) -> Timestamp {
    switch moment {
    case .newestAlert: try store.newestAlert() ?? WallClock.now()
    case .now: WallClock.now()
    case .at(let time): time
    }
  }

  /// Until when decisions count at a time, by the machine's clock; see `Moment`.
  func decisions(at time: Timestamp, _ store: AlertStore) throws(Failure) -> Timestamp {
    try store.newestAlert().map { time >= $0 } ?? true ? .distantFuture : time
  }

  /// How much entities matter, as the lists and the criticality file say.
  func criticality() throws(Failure) -> @Sendable (Entity) -> Double {
    let lists = try TextLists(folder: settings.resolve(settings.lists))
    let file = try CriticalityFile.read(settings, lists: lists)
    return { file.of($0) { lists.has($0, $1) } }
  }

  /// `user=ana`.
  func entity(_ words: String) throws(Failure) -> Entity {
    guard let sign = words.firstIndex(of: "="), sign > words.startIndex,
      words.index(after: sign) < words.endIndex
    else {
      throw Failure(.usage, "'\(words)' names no entity", advice: "write it like user=ana")
    }
    return Entity(
      field: String(words[..<sign]), value: String(words[words.index(after: sign)...]))
  }
}
