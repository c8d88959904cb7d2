import Primitives

/// The few settings that decide what becomes an alert: kept with each run, so that its alerts can be asked about later on.
extension Settings {
  private static let dedup = "alerts.dedup_window"
  private static let flood = "alerts.flood_limit"
  private static let lateness = "events.allowed_lateness"

  /// Spans in seconds; no limit is null.
  var deciding: JSONValue {
    [
      Settings.dedup: .number(dedupWindow.seconds),
      Settings.flood: floodLimit.map { .integer(Int64($0)) } ?? .null,
      Settings.lateness: .number(allowedLateness.seconds),
    ]
  }

  /// These settings with those that a run decided by in their place; what it did not keep stays.
  func deciding(as run: JSONValue?) -> Settings {
    guard let members = run?.members else { return self }
    var settings = self
    for member in members {
      let span = member.value.number.flatMap(TimeSpan.init(seconds:))
      switch member.key {
      case Settings.dedup: settings.dedupWindow = span ?? dedupWindow
      case Settings.lateness: settings.allowedLateness = span ?? allowedLateness
      case Settings.flood: settings.floodLimit = member.value.integer.flatMap(Int.init(exactly:))
      // Of a later version.
      default: break
      }
    }
    return settings
  }

  /// Where a run decided otherwise than these settings would: `alerts.flood_limit was 5 and is 200`.
  func changes(since run: JSONValue?) -> [String] {
    let then = deciding(as: run)
    func words(_ limit: Int?) -> String { limit.map { "\($0)" } ?? "off" }
    var changes: [String] = []
    if then.dedupWindow != dedupWindow {
      changes.append("\(Settings.dedup) was \(then.dedupWindow) and is \(dedupWindow)")
    }
    if then.floodLimit != floodLimit {
      changes.append(
        "\(Settings.flood) was \(words(then.floodLimit)) and is \(words(floodLimit))")
    }
    if then.allowedLateness != allowedLateness {
      changes.append("\(Settings.lateness) was \(then.allowedLateness) and is \(allowedLateness)")
    }
    return changes
  }
}
