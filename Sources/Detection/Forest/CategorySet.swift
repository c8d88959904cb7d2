/// The categories that one split sends right, as their codes: whole numbers from 0 up.
///
/// A value stands for the category of its whole part, as in XGBoost; what is below 0 is no category at all and in no set.
package struct CategorySet: Sendable, Hashable {
  /// Codes are below this, so that a 32-bit float holds each exactly.
  package static let limit = 1 << 24

  /// Rising.
  package let codes: [Int32]

  /// Codes in any order; one that comes twice counts once.
  package init(_ codes: some Sequence<Int>) {
    self.codes = Set(codes).sorted().map { Int32($0) }
  }

  package func contains(_ value: Float) -> Bool {
    guard value >= 0, value < Float(CategorySet.limit) else { return false }
    let code = Int32(value)
    var low = 0
    var high = codes.count
    while low < high {
      let middle = (low + high) / 2
      if codes[middle] < code { low = middle + 1 } else { high = middle }
    }
    return low < codes.count && codes[low] == code
  }
}

/// What several splits on one column let pass together: the categories of a set, or all others.
struct CategoryFilter {
  private var set: Set<Int32>
  /// Whether the others pass instead.
  private var passesOthers: Bool

  init(_ set: CategorySet, right: Bool) {
    self.set = Set(set.codes)
    passesOthers = !right
  }

  /// Lets pass what both do.
  mutating func narrow(_ other: CategoryFilter) {
    switch (passesOthers, other.passesOthers) {
    case (false, false): set.formIntersection(other.set)
    case (false, true): set.subtract(other.set)
    case (true, false):
      set = other.set.subtracting(set)
      passesOthers = false
    case (true, true): set.formUnion(other.set)
    }
  }

  func passes(_ value: Float) -> Bool {
    guard value >= 0, value < Float(CategorySet.limit) else { return passesOthers }
    return set.contains(Int32(value)) != passesOthers
  }
}
