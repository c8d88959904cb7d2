package import Detection
import Primitives
package import Store

/// What kept events are counted or summed up by.
package struct EventMeasure: Sendable {
  package enum Key: Hashable, Sendable {
    case field(String)
    case kind, source
    /// By the clock in UTC: each day or hour that there was, or the hour of the day, or the day of the week.
    case eachDay, eachHour, hour, weekday

    var isTime: Bool {
      switch self {
      case .field, .kind, .source: false
      case .eachDay, .eachHour, .hour, .weekday: true
      }
    }
  }

  package enum Amount: Hashable, Sendable {
    case events
    case sum(String)
    case mean(String)
    case least(String)
    case most(String)
    /// How many different values a field has.
    case distinct(String)

    package var field: String? {
      switch self {
      case .events: nil
      case .sum(let field), .mean(let field), .least(let field), .most(let field),
        .distinct(let field):
        field
      }
    }
  }

  /// Empty for one number of all.
  package var keys: [Key] = []
  package var amount = Amount.events
  /// Groups whose amount lies outside are left out.
  package var bounds = NumberBounds()
  /// The smallest amounts first.
  package var isRising = false
  package var top = 20

  package init() {}

  package struct Row: Sendable {
    /// In the order of the keys; missing where the events have none.
    package var values: [Value]
    package var events: Int
    package var amount: Double
  }

  /// What memory is spent on at most: groups, and different values in all of them.
  static let mostGroups = 200_000
  static let mostValues = 1_000_000
}

/// What one group adds up to.
private struct EventSum {
  var events = 0
  /// Events that have what is summed up.
  var numbers = 0
  var sum = 0.0
  var least = Double.infinity
  var most = -Double.infinity
  var values: Set<Value> = []

  func amount(_ amount: EventMeasure.Amount) -> Double? {
    switch amount {
    case .events: Double(events)
    case .distinct: Double(values.count)
    case .sum: numbers > 0 ? sum : nil
    case .mean: numbers > 0 ? sum / Double(numbers) : nil
    case .least: numbers > 0 ? least : nil
    case .most: numbers > 0 ? most : nil
    }
  }
}

extension RetainedEvents {
  /// The groups of the events that a query asks for, with their amounts, and how many groups there are without `top`. Groups
  /// without an amount, such as those whose events lack the field, are left out.
  ///
  /// - Throws: `Failure(.usage)` where no kept event has a field that is named, or there are too many groups.
  func measure(
    _ query: EventQuery, _ measure: EventMeasure, progress: some JobProgress
  ) throws(Failure) -> (rows: [EventMeasure.Row], groups: Int) {
    var named = measure.amount.field.map { [$0] } ?? []
    for case .field(let name) in measure.keys { named.append(name) }
    var groups: [[Value]: EventSum] = [:]
    var different = 0
    try each(query, also: named, progress: progress) { (block) throws(Failure) in
      let schema = block.batch.schema
      let slot = measure.amount.field.flatMap { schema.field($0) }
      if measure.amount.field != nil {
        guard let slot else { return true }
        if case .distinct = measure.amount {
        } else if slot.type == .text {
          throw Failure(
            .usage, "the field '\(slot.name)' is text and has no sum",
            advice: "distinct = \"\(slot.name)\" counts its values")
        }
      }
      for row in 0..<block.batch.count where block.holds(row) {
        let group = measure.keys.map { block.value(row, $0) }
        var sum = groups.removeValue(forKey: group) ?? EventSum()
        sum.events += 1
        if let slot {
          if case .distinct = measure.amount {
            let value = block.value(row, .field(slot.name))
            if value != .missing, sum.values.insert(value).inserted { different += 1 }
          } else {
            let x = block.batch.number(row, slot.slot)
            if !x.isNaN {
              sum.numbers += 1
              sum.sum += x
              sum.least = min(sum.least, x)
              sum.most = max(sum.most, x)
            }
          }
        }
        groups[group] = sum
        if groups.count > EventMeasure.mostGroups || different > EventMeasure.mostValues {
          throw Failure(
            .usage,
            "there are more than \(EventMeasure.mostGroups) groups, or too many values in them",
            advice: "ask for less time, or narrow it down")
        }
      }
      return true
    }
    if groups.isEmpty, measure.keys.isEmpty { groups[[]] = EventSum() }
    var rows: [EventMeasure.Row] = []
    for (values, sum) in groups {
      guard let amount = sum.amount(measure.amount), measure.bounds.hold(amount) else { continue }
      // Events that lack the field are no group whose values could be counted.
      if case .distinct = measure.amount, amount == 0, !measure.keys.isEmpty { continue }
      rows.append(.init(values: values, events: sum.events, amount: amount))
    }
    let inTime =
      measure.keys.first?.isTime ?? false && measure.bounds.isEmpty && !measure.isRising
    rows.sort { a, b in
      if inTime, a.values[0] != b.values[0] { return a.values[0].order < b.values[0].order }
      if a.amount != b.amount { return (a.amount < b.amount) == measure.isRising }
      return a.values.map(\.order).lexicographicallyPrecedes(b.values.map(\.order))
    }
    return (Array(rows.prefix(measure.top)), rows.count)
  }
}

extension RetainedEvents.Block {
  fileprivate func value(_ row: Int, _ key: EventMeasure.Key) -> Value {
    func text(_ symbol: Symbol) -> Value {
      symbol.isMissing ? .missing : .text(interner.text(of: symbol))
    }
    let hour = batch.times[row].flooredDivision(by: 3_600_000_000).quotient
    let day = hour.flooredDivision(by: 24).quotient
    switch key {
    case .kind: return text(batch.kinds[row])
    case .source: return text(batch.sources[row])
    case .eachHour: return .number(Double(hour) * 3_600_000_000)
    case .eachDay: return .number(Double(day) * 86_400_000_000)
    case .hour: return .number(Double(hour.flooredDivision(by: 24).remainder))
    case .weekday: return .number(Double((day + 3).flooredDivision(by: 7).remainder))
    case .field(let name):
      guard let field = batch.schema.field(name) else { return .missing }
      if field.type == .text { return text(batch.text(row, field.slot)) }
      let x = batch.number(row, field.slot)
      if x.isNaN { return .missing }
      return field.type == .flag ? .flag(x != 0) : .number(x)
    }
  }
}

extension Value {
  /// Missing first, then numbers, then texts.
  fileprivate var order: Ordered {
    switch self {
    case .missing: Ordered(kind: 0, number: 0, text: "")
    case .flag(let flag): Ordered(kind: 1, number: flag ? 1 : 0, text: "")
    case .number(let x): Ordered(kind: 2, number: x, text: "")
    case .text(let text): Ordered(kind: 3, number: 0, text: text)
    }
  }

  fileprivate struct Ordered: Comparable {
    var kind: Int
    var number: Double
    var text: String

    static func < (a: Ordered, b: Ordered) -> Bool {
      (a.kind, a.number, a.text) < (b.kind, b.number, b.text)
    }
  }
}
