import Primitives

/// Which entities may be hit, so that those of training and of test have nothing in common.
package enum EntityShare: Hashable, Sendable {
  case all
  /// One of several equal parts; the seed decides who is in which.
  case part(Int, of: Int, seed: UInt64)

  package func holds(field: String, value: String) -> Bool {
    guard case .part(let part, let parts, let seed) = self else { return true }
    precondition(parts > 0 && (0..<parts).contains(part), "a share is one of its parts")
    let hash = StableHash.of("\(field)=\(value)".utf8, seed: seed)
    return hash % UInt64(parts) == UInt64(part)
  }
}
