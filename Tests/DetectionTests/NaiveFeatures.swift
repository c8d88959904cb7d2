import Detection
import Glibc
import Primitives

/// Every feature straight from its definition, quadratic in the events and in extended precision: what the engine is
/// compared with.
final class NaiveFeatures {
  private struct Scoped {
    var entities: [String?]
    var tooLate: [Bool]
  }

  let events: [EventRecord]
  private let lateness: TimeSpan
  /// From when on each event is known to be bad.
  private let known: [Timestamp?]
  private var scopes: [EntityScope: Scoped] = [:]

  /// Events in order of arrival.
  init(_ events: [EventRecord], lateness: TimeSpan, known: [Timestamp?] = []) {
    self.events = events
    self.known = known
    self.lateness = lateness
  }

  /// One row's values of the features.
  func row(_ row: Int, _ features: [FeatureDefinition]) -> [Double] {
    features.map { value($0, row) }
  }

  /// Rows too late for one of the scopes.
  func lateRows(_ wanted: [EntityScope]) -> Set<Int> {
    Set(wanted.flatMap { scope in events.indices.filter { scoped(scope).tooLate[$0] } })
  }

  private func scoped(_ scope: EntityScope) -> Scoped {
    if let known = scopes[scope] { return known }
    let entities = events.map { event in
      switch scope {
      case .primary: event.primaryEntity.map { "\($0.field)=\($0.value)" }
      case .field(let name): event.text(name)
      case .pair(let a, let b):
        event.text(a).flatMap { first in event.text(b).map { "\(first)\u{1}\($0)" } }
      }
    }
    var newest: [String: Timestamp] = [:]
    let clock = believed()
    let tooLate = events.indices.map { row in
      let time = events[row].time
      guard let entity = entities[row] else { return false }
      if let known = newest[entity], min(known, clock[row]) - time > lateness { return true }
      if time <= clock[row] { newest[entity] = max(time, newest[entity] ?? time) }
      return false
    }
    let result = Scoped(entities: entities, tooLate: tooLate)
    scopes[scope] = result
    return result
  }

  /// The newest time that is believed, with each event.
  private func believed() -> [Timestamp] {
    let day = TimeSpan.days(1)
    var agreeing = 0
    var behind = 0
    var leaders: (votes: Int, first: Timestamp) = (0, .distantFuture)
    var now = Timestamp.distantPast
    return events.map { event in
      let time = event.time
      if agreeing == 0 || (time >= now - day && time <= now + day) {
        now = max(now, time)
        agreeing = min(32, agreeing + 1)
        leaders.votes = max(0, leaders.votes - 1)
        if leaders.votes == 0 { leaders.first = .distantFuture }
      } else if time > now {
        leaders = (leaders.votes + 1, min(leaders.first, time))
        if leaders.votes == 32 {
          (now, agreeing) = (leaders.first, 32)
          leaders = (0, .distantFuture)
        }
      } else if agreeing < 32 {
        behind += 1
        if behind >= 4 && behind > agreeing { (now, agreeing, behind) = (time, behind, 0) }
      }
      return now
    }
  }

  /// The entity's events before (time, arrival) of a row, in that order; missing where it has no entity or is too late.
  private func past(_ row: Int, _ scope: EntityScope) -> [EventRecord]? {
    pastRows(row, scope)?.map { events[$0] }
  }

  private func pastRows(_ row: Int, _ scope: EntityScope) -> [Int]? {
    let all = scoped(scope)
    guard let mine = all.entities[row], !all.tooLate[row] else { return nil }
    return (0..<row)
      .filter { all.entities[$0] == mine && events[$0].time <= events[row].time }
      .filter { !all.tooLate[$0] }
      .sorted { (events[$0].time, $0) < (events[$1].time, $1) }
  }

  private func number(_ event: EventRecord, _ field: String?) -> Double? {
    let x = field.map { event.number($0) } ?? event.number("amount") ?? event.number("value")
    return x?.isFinite == true ? x : nil
  }

  private func text(_ event: EventRecord, _ field: String) -> String? {
    switch field {
    case "kind": event.kind
    case "source": event.source
    default: event.text(field)
    }
  }

  private func passes(_ event: EventRecord, _ filter: [Predicate]) -> Bool {
    filter.allSatisfy { predicate in
      let value: Value =
        switch predicate.name {
        case "kind": .text(event.kind)
        case "source": .text(event.source)
        default: event.fields[predicate.name] ?? .missing
        }
      return predicate.test.accepts(value)
    }
  }

  private func window(_ past: [EventRecord], _ now: EventRecord, _ within: TimeSpan)
    -> [EventRecord]
  {
    past.filter { $0.time >= now.time - within }
  }

  private func dayStart(_ event: EventRecord) -> Timestamp {
    let local = CivilTime(event.time, offsetSeconds: Int(event.zoneOffsetSeconds))
    return CivilTime(year: local.year, month: local.month, day: local.day)!
      .timestamp(offsetSeconds: Int(event.zoneOffsetSeconds))
  }

  private func hour(_ event: EventRecord) -> Int {
    CivilTime(event.time, offsetSeconds: Int(event.zoneOffsetSeconds)).hour
  }

  /// Corrected by the mean of what is left over, because 64 bits are too few for 1e9 with a spread of 1e-3.
  private func mean(_ xs: [Double]) -> Float80? {
    if xs.isEmpty { return nil }
    let rough = xs.reduce(Float80(0)) { $0 + Float80($1) } / Float80(xs.count)
    return rough + xs.reduce(Float80(0)) { $0 + (Float80($1) - rough) } / Float80(xs.count)
  }

  private func deviation(_ xs: [Double]) -> Float80? {
    guard xs.count > 1, let center = mean(xs) else { return nil }
    let squares = xs.reduce(Float80(0)) { $0 + (Float80($1) - center) * (Float80($1) - center) }
    return (squares / Float80(xs.count - 1)).squareRoot()
  }

  private func finite(_ x: Float80?) -> Double {
    guard let x else { return .nan }
    let rounded = Double(x)
    return rounded.isFinite ? rounded : .nan
  }

  private func value(_ feature: FeatureDefinition, _ row: Int) -> Double {
    let now = events[row]
    switch feature {
    case .calendar(let calendar): return clock(calendar, now)
    case .field(let name): return number(now, name) ?? .nan
    case .equals(let name, let word): return text(now, name) == word ? 1 : 0
    case .ratio(let a, let b):
      let ratio = value(a, row) / value(b, row)
      return ratio.isFinite ? ratio : .nan
    case .minus(let a, let b):
      let difference = value(a, row) - value(b, row)
      return difference.isFinite ? difference : .nan
    default: break
    }
    guard let scope = feature.scope, let past = past(row, scope) else { return .nan }
    func numbers(_ events: [EventRecord], _ field: String?) -> [Double] {
      events.compactMap { number($0, field) }
    }
    func own(_ field: String?) -> Float80? { number(now, field).map { Float80($0) } }
    switch feature {
    case .count(_, let within, let filter):
      return Double(
        window(past, now, within).count { passes($0, filter) } + (passes(now, filter) ? 1 : 0))
    case .rate(_, let within):
      return Double(window(past, now, within).count + 1) / (within.seconds / 3600)
    case .aggregate(let aggregate, _, let field, let within, let filter):
      let xs = numbers(window(past, now, within).filter { passes($0, filter) }, field)
      switch aggregate {
      case .sum: return finite(xs.isEmpty ? nil : xs.reduce(Float80(0)) { $0 + Float80($1) })
      case .mean: return finite(mean(xs))
      case .std: return finite(deviation(xs))
      case .min: return xs.min() ?? .nan
      case .max: return xs.max() ?? .nan
      case .first: return xs.first ?? .nan
      case .last: return xs.last ?? .nan
      }
    case .distinct(_, let field, let within, let filter):
      let mine = (window(past, now, within) + [now]).filter { passes($0, filter) }
      return Double(Set(mine.compactMap { text($0, field) }).count)
    case .zScore(_, let field, let within):
      let xs = numbers(window(past, now, within), field)
      guard let x = own(field), let spread = deviation(xs), spread > 0 else { return .nan }
      // From the first number on, because 64 bits hold too little of a mean of 1e9.
      let apart = xs.reduce(Float80(0)) { $0 + (Float80($1) - Float80(xs[0])) } / Float80(xs.count)
      return finite(((x - Float80(xs[0])) - apart) / spread)
    case .ratioToMean(_, let field, let within):
      guard let x = own(field), let center = mean(numbers(window(past, now, within), field)),
        center != 0
      else { return .nan }
      return finite(x / center)
    case .percentChange(_, let field, let within):
      guard let x = own(field), let first = numbers(window(past, now, within), field).first,
        first != 0
      else { return .nan }
      return finite((x - Float80(first)) / Float80(first) * 100)
    case .difference(_, let field, let order):
      let xs = numbers(past, field)
      guard let x = own(field), xs.count >= order else { return .nan }
      let last = Float80(xs[xs.count - 1])
      return finite(order == 1 ? x - last : (x - last) - (last - Float80(xs[xs.count - 2])))
    case .ratioToLast(_, let field):
      guard let x = own(field), let last = numbers(past, field).last, last != 0 else {
        return .nan
      }
      return finite(x / Float80(last))
    case .sinceLast(_, let filter):
      guard let last = past.last(where: { passes($0, filter) }) else { return .nan }
      return (now.time - last.time).seconds
    case .dailyCount: return Double(past.count { $0.time >= dayStart(now) } + 1)
    case .dailySum(_, let field):
      let xs = numbers(past.filter { $0.time >= dayStart(now) } + [now], field)
      return finite(xs.isEmpty ? nil : xs.reduce(Float80(0)) { $0 + Float80($1) })
    case .ewma(_, let field, let halfLife):
      var sum: Float80 = 0
      var weights: Float80 = 0
      let dated = past.compactMap { event in number(event, field).map { (event.time, $0) } }
      guard let newest = dated.last?.0 else { return .nan }
      for (time, x) in dated {
        let weight = Float80(exp2(-(newest - time).seconds / halfLife.seconds))
        sum += weight * Float80(x)
        weights += weight
      }
      return finite(sum / weights)
    case .hourRarity:
      if past.count < 8 { return .nan }
      let near = past.count { [23, 0, 1].contains((hour($0) - hour(now) + 24) % 24) }
      return 1 - Double(near + 1) / Double(past.count + 8)
    case .isNew(_, let field):
      guard let mine = text(now, field) else { return .nan }
      return past.contains { text($0, field) == mine } ? 0 : 1
    case .history: return Double(past.count)
    case .labelRate(_, let within, let after):
      let judged = (pastRows(row, scope) ?? []).filter {
        events[$0].time >= now.time - after - within && events[$0].time <= now.time - after
      }
      return judged.isEmpty
        ? .nan : Double(judged.count { isKnown($0, now) }) / Double(judged.count)
    case .sinceLabel(_, let after):
      let cases = (pastRows(row, scope) ?? []).filter {
        isKnown($0, now) && events[$0].time <= now.time - after
      }
      return cases.map { (now.time - events[$0].time).seconds }.min() ?? .nan
    case .seasonal(_, let field, let within):
      let same = window(past, now, within).filter { hourOfWeek($0) == hourOfWeek(now) }
      let xs = numbers(same, field).suffix(64)
      guard let x = number(now, field), xs.count >= 4 else { return .nan }
      let center = median(Array(xs))
      let robust = (x - center) / (1.4826 * median(xs.map { abs($0 - center) }))
      return robust.isFinite ? robust : .nan
    case .calendar, .field, .equals, .ratio, .minus: return .nan
    }
  }

  private func isKnown(_ row: Int, _ now: EventRecord) -> Bool {
    guard row < known.count, let time = known[row] else { return false }
    return time <= now.time
  }

  private func median(_ xs: [Double]) -> Double {
    let sorted = xs.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1
      ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
  }

  private func hourOfWeek(_ event: EventRecord) -> Int {
    Int(clock(.dayOfWeek, event)) * 24 + hour(event)
  }

  private func clock(_ calendar: FeatureDefinition.Calendar, _ event: EventRecord) -> Double {
    let angle = 2 * Double.pi * Double(event.time.microseconds) / 1e6
    switch calendar {
    case .hourOfDay: return Double(hour(event))
    case .dayOfWeek:
      let t = CivilTime(event.time, offsetSeconds: Int(event.zoneOffsetSeconds))
      let days = CivilTime.days(toYear: t.year, month: t.month, day: t.day)
      return Double((days % 7 + 7 + 3) % 7)
    case .sinHourly: return sin(angle / 3600)
    case .cosHourly: return cos(angle / 3600)
    case .sinDaily: return sin(angle / 86_400)
    case .cosDaily: return cos(angle / 86_400)
    }
  }
}
