package import Primitives

/// What alerts of one incident lose, each its part: what the incident costs, a look is worth and a confirmed alert stops.
///
/// What one entity loses by one mapping row is lost once. What costs by the minute or the day costs its rate for as long as its
/// alerts go on, each from its own event to the last finding that is counted with it: begun minutes or days, at least one.
/// A pause between two of them counts where it is no longer than the lull; what falls into a minute or day that is paid already
/// costs nothing more.
package struct Losses {
  private struct Key: Hashable {
    var mapping: String?
    var entity: Entity?
    var unit: CostUnit
  }

  private struct Known {
    /// The most of what costs once.
    var cost = Cents.zero
    /// Until when time is paid, and when the last finding came.
    var paid: Timestamp
    var end: Timestamp
  }

  private var known: [Key: Known] = [:]
  private let lull: TimeSpan

  package init(lull: TimeSpan) { self.lull = lull }

  /// What the alert adds to those that were counted before it; those of one incident, in order of time where their time costs.
  package mutating func add(_ fact: AlertFact) -> Cents {
    let key = Key(mapping: fact.mapping, entity: fact.entity, unit: fact.costPer)
    guard let size = fact.costPer.size else {
      let before = known[key]?.cost ?? .zero
      known[key] = Known(cost: max(before, fact.cost), paid: fact.time, end: fact.end)
      return max(.zero, fact.cost - before)
    }
    var from = fact.time
    if let before = known[key] {
      if fact.time < before.paid && fact.end <= before.paid { return .zero }
      from = fact.time - before.end <= lull ? before.paid : max(from, before.paid)
    }
    let units = size.begun(in: fact.end - from)
    let end = max(known[key]?.end ?? fact.end, fact.end)
    let (paid, overflow) = units.multipliedReportingOverflow(by: size.microseconds)
    known[key] = Known(paid: from + TimeSpan(microseconds: overflow ? .max : paid), end: end)
    return fact.cost.times(units)
  }

  /// By id; of alerts in order of time.
  package static func of(_ facts: [AlertFact], lull: TimeSpan) -> [String: Cents] {
    var losses = Losses(lull: lull)
    return Dictionary(
      facts.map { ($0.id, losses.add($0)) }, uniquingKeysWith: { first, _ in first })
  }
}

extension CostUnit {
  /// Missing where it is lost once.
  fileprivate var size: TimeSpan? {
    switch self {
    case .incident: nil
    case .minute: .minutes(1)
    case .day: .days(1)
    }
  }
}

extension TimeSpan {
  /// How many of its length a span has begun, at least one.
  fileprivate func begun(in span: TimeSpan) -> Int64 {
    max(1, (max(0, span.microseconds) - 1) / microseconds + 1)
  }
}

extension Cents {
  /// The cost of what goes on for a time: begun minutes or days, at least one; once where it is by the incident.
  func lasting(_ span: TimeSpan, by unit: CostUnit) -> Cents {
    guard let size = unit.size else { return self }
    return times(size.begun(in: span))
  }

  fileprivate func times(_ n: Int64) -> Cents {
    let (product, overflow) = count.multipliedReportingOverflow(by: Int(n))
    return Cents(overflow ? (count < 0 ? -Cents.most : Cents.most) : product)
  }
}
