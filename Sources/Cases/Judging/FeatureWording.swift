import Glibc

/// How a feature is spoken of: `{}` in the sentence stands for the value.
struct FeatureWording {
  var name: String
  var sentence: String
  var decimals: Int
  /// Counts have no usual value below 0.
  var isCount = false

  /// A feature that the table does not know is said as its name and value: `rate_to_home 3.5`.
  static func of(_ name: String) -> FeatureWording {
    known[name] ?? FeatureWording(name: name, sentence: "\(name) {}", decimals: 2)
  }

  func said(_ value: Double) -> String {
    let parts = sentence.split(separator: "{}", omittingEmptySubsequences: false)
    return parts.joined(separator: number(value, notBelow: nil))
  }

  func number(_ value: Double, notBelow least: Double?) -> String {
    grouped(least.map { max($0, value) } ?? value, decimals: decimals)
  }

  private static let known: [String: FeatureWording] = {
    func count(_ sentence: String) -> FeatureWording {
      FeatureWording(name: "", sentence: sentence, decimals: 0, isCount: true)
    }
    func measure(_ sentence: String, _ decimals: Int) -> FeatureWording {
      FeatureWording(name: "", sentence: sentence, decimals: decimals)
    }
    let table: [String: FeatureWording] = [
      "event_count_1h": count("{} events in the last hour"),
      "event_count_24h": count("{} events in the last 24 hours"),
      "event_count_7d": count("{} events in the last 7 days"),
      "distinct_event_types_24h": count("{} kinds of event in the last 24 hours"),
      "daily_count": count("{} events today"),
      "metric_mean_24h": measure("mean of {} over the last 24 hours", 2),
      "metric_std_24h": measure("spread of {} over the last 24 hours", 2),
      "metric_max_24h": measure("largest value {} in the last 24 hours", 2),
      "metric_mean_7d": measure("mean of {} over the last 7 days", 2),
      "metric_z_24h": measure("{} standard deviations from the mean of 24 hours", 1),
      "delta_1": measure("{} more than the time before", 2),
      "amount_diff_1": measure("{} more than the time before", 2),
      "amount_diff_2": measure("second difference of {}", 2),
      "pct_change_1h": measure("{} % up on the first value of the hour", 0),
      "pct_change_24h": measure("{} % up on the first value of 24 hours", 0),
      "time_since_last_event_seconds": measure("{} seconds after the event before", 0),
      "hour_of_day": measure("at {} o'clock", 0),
      "day_of_week": measure("on day {} of the week, Monday being 0", 0),
      "amount_vs_mean_ratio": measure("{} times the mean amount", 1),
      "amount_vs_last_ratio": measure("{} times the amount before", 1),
      "daily_amount": measure("{} in total today", 2),
      "velocity_per_hour": measure("{} events per hour", 1),
      "hour_rarity": measure("rarity {} of this hour of day, 1 being never seen", 2),
      "amount": measure("amount {}", 2),
      "value": measure("value {}", 2),
    ]
    return Dictionary(
      uniqueKeysWithValues: table.map { name, wording in
        var wording = wording
        wording.name = name
        return (name, wording)
      })
  }()
}

/// `5,000`, `12.5`: thousands apart, at most so many decimals, trailing zeros dropped.
func grouped(_ x: Double, decimals: Int) -> String {
  guard x.isFinite else { return x.isNaN ? "?" : x < 0 ? "-∞" : "∞" }
  let scale = pow(10, Double(decimals))
  let rounded = (abs(x) * scale).rounded()
  // Beyond 2^53 a double has no unit's digit to show.
  guard rounded < 0x1p53, let units = Int64(exactly: rounded) else { return "\(x)" }
  let unit = Int64(scale)
  var digits = String(units / unit)
  var at = digits.index(digits.endIndex, offsetBy: -3, limitedBy: digits.startIndex)
  while let position = at, position > digits.startIndex {
    digits.insert(",", at: position)
    at = digits.index(position, offsetBy: -3, limitedBy: digits.startIndex)
  }
  var fraction = decimals == 0 ? "" : String(unit + units % unit).dropFirst().description
  while fraction.last == "0" { fraction.removeLast() }
  return (x < 0 && units != 0 ? "-" : "") + digits + (fraction.isEmpty ? "" : "." + fraction)
}
