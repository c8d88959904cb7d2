import Glibc

/// Numbers as people read them: grouped, rounded, with their unit.
///
/// Always in one notation, whatever the machine's locale; missing and not-a-number are `–`.
package enum Format {
  package static let missing = "–"

  /// `12,345`
  package static func count(_ n: some BinaryInteger) -> String {
    let digits = grouped(n.magnitude.description)
    return n < 0 ? "-\(digits)" : digits
  }

  /// A fixed number of decimals, grouped: `1,234.50`.
  package static func decimal(_ x: Double, _ decimals: Int = 2) -> String {
    guard x.isFinite else { return missing }
    // Beyond 2^53 a double has no digit of a unit to show.
    guard x.magnitude < 0x1p53 else { return "\(x)" }
    let text = fixed(x.magnitude, decimals)
    let whole = text.prefix { $0 != "." }
    let isZero = !text.contains { ("1"..."9").contains($0) }
    return (x < 0 && !isZero ? "-" : "") + grouped(String(whole)) + text.dropFirst(whole.count)
  }

  /// At most so many decimals, without zeros at the end: `5,000`, `12.5`.
  package static func number(_ x: Double, atMost decimals: Int = 2) -> String {
    guard x.isFinite else { return x.isNaN ? "?" : x < 0 ? "-∞" : "∞" }
    var text = decimal(x, decimals)
    guard text.contains("."), !text.contains("e") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// `91.4 %` of a share between 0 and 1.
  package static func percent(_ share: Double, _ decimals: Int = 1) -> String {
    share.isFinite ? "\(decimal(share * 100, decimals)) %" : missing
  }

  /// US dollars, with cents where there are any: `$5,000`, `$12.50`.
  package static func money(_ dollars: Double) -> String {
    guard dollars.isFinite else { return missing }
    let cents = (dollars.magnitude * 100).rounded()
    let text = decimal(cents / 100, cents.truncatingRemainder(dividingBy: 100) == 0 ? 0 : 2)
    return (dollars < 0 && cents > 0 ? "-$" : "$") + text
  }

  /// Three figures with a power of a thousand: `850`, `12.3 k`, `1.2 M`.
  package static func short(_ x: Double) -> String {
    guard x.isFinite else { return missing }
    var scaled = x.magnitude
    var units = ["", "k", "M", "G", "T", "P", "E"][...]
    while scaled >= 999.5, units.count > 1 {
      scaled /= 1000
      units.removeFirst()
    }
    let unit = units.first.map { $0.isEmpty ? "" : " \($0)" } ?? ""
    return decimal(x < 0 ? -scaled : scaled, unit.isEmpty || scaled >= 99.95 ? 0 : 1) + unit
  }

  /// Things a second: `850/s`, `1.2 M/s`.
  package static func rate(_ perSecond: Double) -> String {
    perSecond.isFinite ? "\(short(perSecond))/s" : missing
  }

  /// `512 B`, `1.5 GiB`
  package static func bytes(_ n: Int) -> String {
    var scaled = Double(n.magnitude)
    var units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"][...]
    while scaled >= 1023.5, units.count > 1 {
      scaled /= 1024
      units.removeFirst()
    }
    let text = decimal(scaled, units.first == "B" || scaled >= 99.95 ? 0 : 1)
    return "\(n < 0 ? "-" : "")\(text) \(units.first ?? "B")"
  }

  /// The two largest units of a length of time: `3 min 20 s`, `2 d 4 h`, `1.5 s`, `250 ms`.
  package static func span(_ span: TimeSpan) -> String {
    let sign = span.microseconds < 0 ? "-" : ""
    let microseconds = span.microseconds.magnitude
    switch microseconds {
    case ..<1000: return "\(sign)\(microseconds) µs"
    case ..<999_500: return "\(sign)\((microseconds + 500) / 1000) ms"
    case ..<9_950_000: return "\(sign)\(decimal(Double(microseconds) / 1e6, 1)) s"
    default: break
    }
    let units: [(size: UInt64, name: String)] = [
      (86_400, "d"), (3600, "h"), (60, "min"), (1, "s"),
    ]
    // Rounded to the smaller of the two units that are shown.
    let exact = (microseconds + 500_000) / 1_000_000
    let step: UInt64 = exact >= 86_400 ? 3600 : exact >= 3600 ? 60 : 1
    let seconds = (exact + step / 2) / step * step
    let parts = units.indices.compactMap { index -> String? in
      let bound = index == 0 ? UInt64.max : units[index - 1].size
      let amount = seconds % bound / units[index].size
      return amount == 0 ? nil : "\(count(amount)) \(units[index].name)"
    }
    return sign + parts.prefix(2).joined(separator: " ")
  }

  private static func grouped(_ digits: String) -> String {
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }

  /// Correctly rounded by the C library; 400 bytes hold the largest number with every decimal asked for here.
  private static func fixed(_ x: Double, _ decimals: Int) -> String {
    precondition((0...17).contains(decimals), "a double has at most 17 significant decimals")
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      let length = withVaList([x]) { vsnprintf(buffer.baseAddress, 400, "%.\(decimals)f", $0) }
      return String(
        decoding: UnsafeRawBufferPointer(buffer).prefix(Int(length)), as: UTF8.self)
    }
  }
}
