import Cases
import Detection
import Primitives

/// Alerts in three lines each, numbered, with what joined them and the command that tells more.
struct AlertCards {
  var alerts: [(alert: Alert, joined: Int)]
  var owners: Owners
  /// What follows `moonwatch` commands that read the same data directory, such as ` --data-dir demo`.
  var flags: String

  func text(paint: Paint) -> String {
    let indent = String(repeating: " ", count: alerts.count.description.count + 1)
    return alerts.enumerated().map { index, entry in
      let card = AlertPaint.coloured(
        AlertCard.text(entry.alert, owners: owners), severity: entry.alert.severity, paint: paint)
      let number = (index + 1).description
      let lines = card.split(separator: "\n") + [Substring(footer(entry, paint: paint))]
      let first = indent.dropLast(number.count + 1) + number + " "
      return first + lines.joined(separator: "\n\(indent)")
    }.joined(separator: "\n\n")
  }

  private func footer(_ entry: (alert: Alert, joined: Int), paint: Paint) -> String {
    let joined = "\(Format.count(entry.joined)) more finding\(entry.joined == 1 ? "" : "s") · "
    let story = "moonwatch explain \(ShortID.of(entry.alert))\(flags)"
    return paint("\(entry.joined > 0 ? joined : "")\(story)", .dim)
  }
}

/// The beginning of an alert's id: long enough to name it, short enough to type.
enum ShortID {
  static let length = 10

  static func of(_ alert: Alert) -> String { String(alert.id.prefix(length)) }
}

/// What to add to a command so that it reads this data directory.
func dataDirectoryFlag(_ folder: String) -> String {
  folder == "var" ? "" : " --data-dir \(safe(folder))"
}
