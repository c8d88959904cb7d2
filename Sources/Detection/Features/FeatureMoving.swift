import Primitives

/// How features move with the quantities that they are made of. Read at the moment of judgement: what a slope hangs on
/// (the mean and spread of the past window) is not known later.
extension FeatureDefinition {
  /// Features that have to be computed beside this one so that its move is known; equal windows cost once.
  package var companions: [FeatureDefinition] {
    switch self {
    case .zScore(let scope, let field, let within):
      [
        .aggregate(.mean, scope, of: field, within: within),
        .aggregate(.std, scope, of: field, within: within),
      ]
    // What a share of nothing was a share of cannot be told from the share.
    case .ratioToMean(let scope, let field, let within):
      [.aggregate(.mean, scope, of: field, within: within)]
    case .ratioToLast(let scope, let field): [.difference(scope, of: field, order: 1)]
    case .percentChange(let scope, let field, let within):
      [.aggregate(.first, scope, of: field, within: within)]
    case .ratio(let a, let b), .minus(let a, let b): a.companions + b.companions
    default: []
    }
  }

  /// - Parameters:
  ///   - value: what the feature was on the event; NaN where missing.
  ///   - other: the value of another feature on the same event; missing where it was not computed.
  package func move(
    on event: EventRecord, value: Double, other: (FeatureDefinition) -> Double?
  ) -> FeatureMove {
    let reader = MoveReader(event: event)
    switch self {
    case .calendar, .equals, .hourRarity, .history, .labelRate, .sinceLabel, .ewma: return .fixed
    case .field(let name):
      // A flag is what the event is, not how much of something it has.
      if case .number? = event.fields[name] {
        return .follows(field: name, slope: 1, offset: 0, past: nil)
      }
      return .fixed
    case .count(let scope, let within, let filter):
      return .events(
        reader.window(scope, within, filter), own: reader.own(scope, filter), scale: 1)
    case .rate(let scope, let within):
      return .events(
        reader.window(scope, within), own: reader.own(scope, []), scale: 3600 / within.seconds)
    case .dailyCount(let scope):
      return .events(
        FeatureMove.Window(reader.stream(scope), seconds: reader.secondsOfDay),
        own: reader.own(scope, []), scale: 1)
    case .distinct(let scope, let field, let within, let filter):
      let isOwn = reader.own(scope, filter).count { event.number($0) } == 1
      return .distinct(
        reader.window(scope, within, filter), field: field,
        own: isOwn && event.fields[field] != nil ? 1 : 0)
    case .sinceLast(let scope, let filter):
      return .pause(
        reader.stream(scope, filter),
        counts: reader.own(scope, filter).count { event.number($0) } == 1)
    case .isNew(let scope, let field): return .novelty(reader.stream(scope), field: field)
    case .aggregate(let aggregate, let scope, let field, let within, let filter):
      let window = reader.window(scope, within, filter)
      switch aggregate {
      case .sum: return .total(window, field: reader.measure(field))
      case .mean: return .mean(window, field: reader.measure(field))
      case .std: return .past(reader.past(window, scope, filter, needs: 2))
      case .min, .max, .first, .last: return .past(reader.past(window, scope, filter, needs: 1))
      }
    case .zScore(let scope, let field, let within):
      let past = reader.past(reader.window(scope, within), scope, [], needs: 2)
      guard let mean = other(.aggregate(.mean, scope, of: field, within: within)),
        let spread = other(.aggregate(.std, scope, of: field, within: within)), spread > 0
      else { return reader.untold(field, value) }
      return reader.follows(field, slope: 1 / spread, value: value, offset: -mean / spread, past)
    case .ratioToMean(let scope, let field, let within):
      let past = reader.past(reader.window(scope, within), scope, [], needs: 1)
      return reader.proportional(
        field, value, to: other(.aggregate(.mean, scope, of: field, within: within)), past)
    case .ratioToLast(let scope, let field):
      let last = other(.difference(scope, of: field, order: 1)).flatMap { difference in
        reader.number(field).map { $0 - difference }
      }
      return reader.proportional(field, value, to: last, nil)
    case .percentChange(let scope, let field, let within):
      let past = reader.past(reader.window(scope, within), scope, [], needs: 1)
      guard let x = reader.number(field) else { return reader.untold(field, value) }
      if x != 0 {
        return reader.follows(field, slope: (value + 100) / x, value: value, offset: -100, past)
      }
      guard let first = other(.aggregate(.first, scope, of: field, within: within)), first != 0
      else { return reader.untold(field, value) }
      return reader.follows(field, slope: 100 / first, value: value, offset: -100, past)
    case .difference(_, let field, _), .dailySum(_, let field):
      guard let x = reader.number(field) else { return reader.untold(field, value) }
      return reader.follows(field, slope: 1, value: value, offset: value - x, nil)
    case .seasonal(_, let field, _): return reader.untold(field, value)
    case .ratio(let above, let below):
      return .quotient(reader.part(above, other), reader.part(below, other))
    case .minus(let from, let less):
      return .difference(reader.part(from, other), reader.part(less, other))
    }
  }
}

/// Resolves scopes, filters and measures on one event.
private struct MoveReader {
  let event: EventRecord

  func stream(_ scope: EntityScope, _ filter: [Predicate] = []) -> FeatureMove.Stream {
    let fields: [String] =
      switch scope {
      case .primary: [event.primaryField ?? "primary entity"]
      case .field(let name): [name]
      case .pair(let a, let b): [a, b]
      }
    return FeatureMove.Stream(Set(fields + filter.map(\.description)))
  }

  func window(
    _ scope: EntityScope, _ within: TimeSpan, _ filter: [Predicate] = []
  ) -> FeatureMove.Window {
    FeatureMove.Window(stream(scope, filter), seconds: within.seconds)
  }

  func past(
    _ window: FeatureMove.Window, _ scope: EntityScope, _ filter: [Predicate], needs: Int
  ) -> FeatureMove.Past {
    FeatureMove.Past(
      window, needs: needs, own: own(scope, filter).count { event.number($0) } == 1)
  }

  /// Tests on numbers of the event are kept, since these may change; the others are answered once. A list is not at
  /// hand here: an event whose list is asked counts as one of the stream.
  func own(_ scope: EntityScope, _ filter: [Predicate]) -> FeatureMove.OwnCount {
    var numbers: [Predicate] = []
    var holds = true
    for predicate in filter {
      if case .number? = event.fields[predicate.name] {
        numbers.append(predicate)
      } else {
        holds = holds && predicate.test.accepts(event.value(named: predicate.name)) { _, _ in true }
      }
    }
    return FeatureMove.OwnCount(isOfStream: holds, numbers: numbers)
  }

  /// The field of a measure that was not named: `amount`, or `value` where that is missing.
  func measure(_ field: String?) -> String {
    field ?? (event.number("amount") == nil ? "value" : "amount")
  }

  func number(_ field: String?) -> Double? { event.number(measure(field)) }

  /// The slope is what the past says; the offset is what makes the value on the event exact.
  func follows(
    _ field: String?, slope: Double, value: Double, offset: Double, _ past: FeatureMove.Past?
  ) -> FeatureMove {
    guard !value.isNaN, slope.isFinite, offset.isFinite else { return .fixed }
    return .follows(field: measure(field), slope: slope, offset: offset, past: past)
  }

  /// - Parameter whole: what it is a share of; asked where the event's number is 0.
  func proportional(
    _ field: String?, _ value: Double, to whole: Double?, _ past: FeatureMove.Past?
  ) -> FeatureMove {
    guard let x = number(field) else { return untold(field, value) }
    if x != 0 { return follows(field, slope: value / x, value: value, offset: 0, past) }
    guard let whole, whole.isFinite, whole != 0 else { return untold(field, value) }
    return follows(field, slope: 1 / whole, value: value, offset: 0, past)
  }

  /// What is missing stays so: its past was too short.
  func untold(_ field: String?, _ value: Double) -> FeatureMove {
    value.isNaN ? .fixed : .hidden(field: measure(field))
  }

  func part(
    _ feature: FeatureDefinition, _ other: (FeatureDefinition) -> Double?
  ) -> FeatureMove.Part {
    let value = other(feature)
    return FeatureMove.Part(
      value ?? .nan, feature.move(on: event, value: value ?? .nan, other: other))
  }

  /// Since midnight of the source's clock.
  var secondsOfDay: Double {
    let seconds = event.time.microseconds / 1_000_000 + Int64(event.zoneOffsetSeconds)
    let ofDay = seconds % 86_400
    return Double(ofDay < 0 ? ofDay + 86_400 : ofDay)
  }
}

extension EventRecord {
  /// What stands under a field, `kind` or `source`.
  package func value(named name: String) -> Value {
    switch name {
    case "kind": .text(kind)
    case "source": .text(source)
    default: fields[name] ?? .missing
    }
  }
}
