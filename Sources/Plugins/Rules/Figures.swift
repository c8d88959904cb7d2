/// How numbers look in messages: `12` and not `12.0`, at most three decimals, below 1 three significant digits.
package enum Figures {
  /// With no more digits than matter in a sentence: none after the point from 100 on, one from 1 on.
  package static func short(_ x: Double) -> String {
    let size = x.magnitude
    if size < 1 || !x.isFinite { return text(x) }
    return text(size >= 100 ? x.rounded() : (x * 10).rounded() / 10)
  }

  package static func text(_ x: Double) -> String {
    if x.isNaN { return "(missing)" }
    if x.isInfinite { return x < 0 ? "-∞" : "∞" }
    let size = x.magnitude
    if size >= 1e15 { return x.description }
    var decimals = 3
    if size < 1 {
      var scaled = size
      while scaled > 0, scaled < 0.1, decimals < 9 {
        scaled *= 10
        decimals += 1
      }
    }
    var power = 1.0
    for _ in 0..<decimals { power *= 10 }
    // Up to 1e15 the whole part fits an Int64; above, decimals are dropped before they could overflow.
    let whole = size.rounded(.down)
    var fraction = ((size - whole) * power).rounded()
    var integer = whole
    if fraction >= power {
      fraction = 0
      integer += 1
    }
    var digits = String(Int64(fraction))
    digits = String(repeating: "0", count: decimals - digits.count) + digits
    while digits.last == "0" { digits.removeLast() }
    let text = digits.isEmpty ? "\(Int64(integer))" : "\(Int64(integer)).\(digits)"
    return x < 0 && text != "0" ? "-" + text : text
  }
}
