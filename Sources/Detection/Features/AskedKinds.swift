package import Primitives

/// On events of which kinds each feature is asked for: a rule that looks at logins asks for nothing on a payment, and what
/// nobody asks for is not computed.
package struct AskedKinds: Sendable {
  private var some: [FeatureDefinition: Set<Symbol>] = [:]
  private var always: Set<FeatureDefinition> = []

  package init() {}

  /// - Parameter kinds: empty for events of every kind.
  package mutating func ask(_ feature: FeatureDefinition, on kinds: [Symbol]) {
    switch feature {
    case .ratio(let first, let second), .minus(let first, let second):
      ask(first, on: kinds)
      ask(second, on: kinds)
    default: break
    }
    if kinds.isEmpty {
      always.insert(feature)
    } else {
      some[feature, default: []].formUnion(kinds)
    }
  }

  /// Missing where it is asked for on every event; so is one of which nobody said anything.
  func kinds(of feature: FeatureDefinition) -> Set<Symbol>? {
    always.contains(feature) ? nil : some[feature]
  }
}

/// Kinds of events as bits: what a stream of events is asked for on fits one word, and so does the kind of an event.
///
/// The first 31 kinds that somebody asks for have a bit each, all others share one. Changed between batches only.
struct KindBits {
  static let all = UInt32.max
  private static let others = UInt32(1) << 31

  private var bits: [UInt32: UInt32] = [:]

  /// The bits of some kinds, which get theirs now if they have none.
  mutating func mask(of kinds: Set<Symbol>?) -> UInt32 {
    guard let kinds else { return KindBits.all }
    var mask: UInt32 = 0
    for kind in kinds.sorted(by: { $0.rawValue < $1.rawValue }) {
      if bits[kind.rawValue] == nil {
        bits[kind.rawValue] = bits.count < 31 ? 1 << UInt32(bits.count) : KindBits.others
      }
      mask |= bits[kind.rawValue] ?? KindBits.others
    }
    return mask
  }

  func bit(of kind: Symbol) -> UInt32 { bits[kind.rawValue] ?? KindBits.others }
}
