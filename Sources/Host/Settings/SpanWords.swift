import Foundation
package import Primitives

extension TimeSpan {
  /// Reads `5 minutes`, `1 hour`, `30s`, `2d`; a number without a unit is refused.
  package init?(words: String) {
    let text = words.trimmingCharacters(in: .whitespaces)
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let amount = Double(digits), amount >= 0 else { return nil }
    let unit = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces)
    let sizes: [String: Double] = [
      "ms": 0.001, "s": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "minute": 60,
      "minutes": 60, "h": 3600, "hour": 3600, "hours": 3600, "d": 86_400, "day": 86_400,
      "days": 86_400, "w": 604_800, "week": 604_800, "weeks": 604_800,
    ]
    guard let size = sizes[unit], let span = TimeSpan(seconds: amount * size) else { return nil }
    self = span
  }
}
