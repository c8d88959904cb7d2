/// Numbers that something may be; all that is said must hold.
package struct NumberBounds: Hashable, Sendable {
  /// Neither of the two is included.
  package var above: Double?
  package var below: Double?
  /// Both included.
  package var atLeast: Double?
  package var atMost: Double?

  package init() {}

  package var isEmpty: Bool { above == nil && below == nil && atLeast == nil && atMost == nil }

  /// A number that is missing is within no bounds.
  package func hold(_ x: Double) -> Bool {
    if isEmpty { return true }
    if let above, !(x > above) { return false }
    if let below, !(x < below) { return false }
    if let atLeast, !(x >= atLeast) { return false }
    if let atMost, !(x <= atMost) { return false }
    return !x.isNaN
  }
}
