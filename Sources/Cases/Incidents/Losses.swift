package import Primitives

/// What alerts of one incident lose, each its part: what the incident costs, a look is worth and a confirmed alert stops.
///
/// What one entity loses by one mapping row is lost once. What costs by the minute or the day costs its rate for the time in
/// which things were found, as `PaidTime` counts it, whether a finding raised an alert of its own or is counted with another.
package struct Losses {
  private struct Key: Hashable {
    var mapping: String?
    var entity: Entity?
    var unit: CostUnit
  }

  /// The most of what costs once.
  private var costs: [Key: Cents] = [:]
  private var times: [Key: PaidTime] = [:]
  private let lull: TimeSpan

  package init(lull: TimeSpan) { self.lull = lull }

  /// What the alert adds to those that were counted before it; those of one incident, in order of time where their time costs.
  package mutating func add(_ fact: AlertFact) -> Cents {
    let key = Key(mapping: fact.mapping, entity: fact.entity, unit: fact.costPer)
    guard var time = times[key] ?? PaidTime(by: fact.costPer, lull: lull) else {
      let before = costs[key] ?? .zero
      costs[key] = max(before, fact.cost)
      return max(.zero, fact.cost - before)
    }
    let units = fact.times.reduce(time.add(fact.time)) { $0 + time.add($1) }
    times[key] = time
    return fact.cost.times(units)
  }

  /// By id; of alerts in order of time.
  package static func of(_ facts: [AlertFact], lull: TimeSpan) -> [String: Cents] {
    var losses = Losses(lull: lull)
    return Dictionary(
      facts.map { ($0.id, losses.add($0)) }, uniquingKeysWith: { first, _ in first })
  }
}

/// Begun minutes or days in which something was found: a pause counts where it is no longer than the lull, and what falls into
/// a minute or day that is paid already costs nothing more.
package struct PaidTime: Hashable, Sendable {
  private let size: TimeSpan
  private let lull: TimeSpan
  /// Until when time is paid, and when something was found last; missing before the first.
  private var paid: Timestamp?
  private var end = Timestamp.distantPast

  /// Missing for what is lost once.
  package init?(by unit: CostUnit, lull: TimeSpan) {
    switch unit {
    case .incident: return nil
    case .minute: size = .minutes(1)
    case .day: size = .days(1)
    }
    self.lull = lull
  }

  /// How many minutes or days a finding adds to those that were counted before it, in order of time.
  package mutating func add(_ time: Timestamp) -> Int64 {
    defer { end = max(end, time) }
    guard let paid else {
      self.paid = time + size
      return 1
    }
    if time <= paid { return 0 }
    let from = time - end <= lull ? paid : time
    let units = max(1, ((time - from).microseconds - 1) / size.microseconds + 1)
    let (span, overflow) = units.multipliedReportingOverflow(by: size.microseconds)
    self.paid = from + TimeSpan(microseconds: overflow ? .max : span)
    return units
  }
}

extension Cents {
  /// No more than the most that can be told.
  package func times(_ n: Int64) -> Cents {
    let (product, overflow) = count.multipliedReportingOverflow(by: Int(n))
    return Cents(overflow ? (count < 0 ? -Cents.most : Cents.most) : product)
  }
}
