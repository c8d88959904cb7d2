import Glibc

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
