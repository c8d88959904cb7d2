/// An amount of money in whole US cents, so that sums come out to the cent in any order.
package struct Cents: Hashable, Comparable, Sendable {
  package var count: Int

  package static let zero = Cents(0)
  /// Ten trillion dollars: what is above it is counted as that, and a thousand of them still add up.
  package static let most = 1_000_000_000_000_000

  package init(_ count: Int) { self.count = max(-Cents.most, min(Cents.most, count)) }

  /// Rounded to the nearest cent; what is no number is nothing.
  package init(dollars: Double) {
    let cents = (dollars * 100).rounded()
    self.init(cents.isNaN ? 0 : Int(max(-Double(Cents.most), min(Double(Cents.most), cents))))
  }

  package var dollars: Double { Double(count) / 100 }

  package static func < (a: Cents, b: Cents) -> Bool { a.count < b.count }
  package static func + (a: Cents, b: Cents) -> Cents { Cents(a.count + b.count) }
  package static func - (a: Cents, b: Cents) -> Cents { Cents(a.count - b.count) }
  package static func += (a: inout Cents, b: Cents) { a = a + b }

  /// As many parts, equal to a cent, the larger first; they add up to the whole.
  package func parts(_ n: Int) -> [Cents] {
    precondition(n > 0, "an amount is parted among somebody")
    let (each, rest) = (abs(count) / n, abs(count) % n)
    let sign = count < 0 ? -1 : 1
    return (0..<n).map { Cents(sign * (each + ($0 < rest ? 1 : 0))) }
  }
}
