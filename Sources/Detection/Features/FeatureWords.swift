import Primitives

/// How a feature reads in a sentence: a phrase with `{n}` where the number goes, its unit and its decimals.
///
/// `{one|many}` is the first where the number is one and the second elsewhere: `{n} login{|s} in the last hour`.
package struct FeatureWords: Hashable, Sendable {
  package var phrase: String
  /// Empty where the number is a plain count or ratio.
  package var unit: String
  package var decimals: Int

  /// The unit of features that are 1 where something is so and 0 where it is not.
  package static let flag = "0 or 1"
  /// The unit of lengths of time, which are said in days, hours and minutes.
  package static let seconds = "seconds"
  package static let weekday = "weekday"

  package init(phrase: String, unit: String = "", decimals: Int) {
    self.phrase = phrase
    self.unit = unit
    self.decimals = decimals
  }

  /// Whether what it says depends on the number.
  package var hasNumber: Bool { phrase.utf8.contains(UInt8(ascii: "{")) }

  /// The phrase with the number in it; a missing number reads "unknown".
  package func sentence(_ value: Double) -> String {
    var text = ""
    // Braces and bars are one byte each in any text, and bytes are found many times faster than characters.
    var rest = Substring(phrase).utf8
    while let open = rest.firstIndex(of: UInt8(ascii: "{")),
      let close = rest[open...].firstIndex(of: UInt8(ascii: "}"))
    {
      text += Substring(rest[..<open])
      text += filled(Substring(rest[rest.index(after: open)..<close]), value)
      rest = rest[rest.index(after: close)...]
    }
    return text + Substring(rest)
  }

  private func filled(_ place: Substring, _ value: Double) -> String {
    if place == "n" { return number(value) }
    guard let bar = place.utf8.firstIndex(of: UInt8(ascii: "|")) else { return "{\(place)}" }
    if unit == FeatureWords.flag, value.isNaN { return "unknown" }
    let isOne = value == 1 && decimals == 0
    return String(isOne ? place[..<bar] : place[place.utf8.index(after: bar)...])
  }

  /// The number alone, as it stands in the phrase.
  package func number(_ value: Double) -> String {
    if value.isNaN { return "unknown" }
    switch unit {
    case FeatureWords.seconds: return FeatureWords.span(value)
    case FeatureWords.weekday:
      let days = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
      ]
      return Int(exactly: value).flatMap { days.indices.contains($0) ? days[$0] : nil }
        ?? "day \(value)"
    default: return FeatureWords.number(value, decimals: decimals)
    }
  }

  /// `26 s`, `1 h 40 min`, `11 d 2 h`
  private static func span(_ seconds: Double) -> String {
    if abs(seconds) < 60 { return number(seconds, decimals: 0) + " s" }
    guard let span = TimeSpan(seconds: seconds) else { return number(seconds, decimals: 0) + " s" }
    return Format.span(span)
  }

  /// Rounded to so many decimals, without trailing zeros; beyond 2^53 as Swift prints it.
  package static func number(_ value: Double, decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard abs(scaled) < 0x1p53, let whole = Int64(exactly: scaled), let unit = Int64(exactly: scale)
    else { return "\(value)" }
    let magnitude = whole.magnitude
    var text = (whole < 0 ? "-" : "") + String(magnitude / unit.magnitude)
    var fraction = String(magnitude % unit.magnitude)
    fraction = String(repeating: "0", count: max(0, decimals - fraction.count)) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    if decimals > 0 && !fraction.isEmpty { text += "." + fraction }
    return text
  }
}
