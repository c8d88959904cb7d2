package import Primitives

/// Features in the order in which a model sees them, with a digest that changes when any definition does.
package struct FeatureSet: Hashable, Sendable {
  package var name: String
  package let features: [NamedFeature]

  /// Refuses an empty name and a name that stands twice.
  package init(name: String, features: [NamedFeature]) throws(Failure) {
    var seen: Set<String> = []
    for feature in features {
      if feature.name.isEmpty {
        throw Failure(.usage, "feature set '\(name)' has a feature without a name")
      }
      if !seen.insert(feature.name).inserted {
        throw Failure(
          .usage, "feature set '\(name)' has two features named '\(feature.name)'",
          advice: "rename or remove one of them")
      }
    }
    self.init(trusted: name, features)
  }

  private init(trusted name: String, _ features: [NamedFeature]) {
    self.name = name
    self.features = features
  }

  /// 16 hexadecimal digits over names and definitions in order; the set's own name does not count.
  package var digest: String {
    let lines = features.map { "\($0.name): \($0.definition)\n" }.joined()
    let digits = String(StableHash.of(lines.utf8), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  package func definition(of name: String) -> FeatureDefinition? {
    features.first { $0.name == name }?.definition
  }

  /// The same windows over another entity of the event: `terminal_event_count_1h`. Features of the event itself (clock,
  /// own fields) are left out because they would be the same.
  package func per(_ field: String) -> FeatureSet {
    let moved = features.compactMap { feature in
      feature.definition.moved(to: .field(field)).map {
        NamedFeature("\(field)_\(feature.name)", $0)
      }
    }
    return FeatureSet(trusted: "\(name)_per_\(field)", moved)
  }

  /// The features that every entity gets without anybody asking; `metric` is the event's `amount`, or `value`.
  package static let standard: FeatureSet = {
    let day = TimeSpan.hours(24)
    let hour = TimeSpan.hours(1)
    let week = TimeSpan.days(7)
    return FeatureSet(
      trusted: "standard",
      [
        NamedFeature("event_count_1h", .count(.primary, within: hour)),
        NamedFeature("event_count_24h", .count(.primary, within: day)),
        NamedFeature("metric_mean_24h", .aggregate(.mean, .primary, of: nil, within: day)),
        NamedFeature("metric_std_24h", .aggregate(.std, .primary, of: nil, within: day)),
        NamedFeature("metric_z_24h", .zScore(.primary, of: nil, within: day)),
        NamedFeature("delta_1", .difference(.primary, of: nil, order: 1)),
        NamedFeature("pct_change_1h", .percentChange(.primary, of: nil, within: hour)),
        NamedFeature("pct_change_24h", .percentChange(.primary, of: nil, within: day)),
        NamedFeature("time_since_last_event_seconds", .sinceLast(.primary)),
        NamedFeature("amount_diff_1", .difference(.primary, of: nil, order: 1)),
        NamedFeature("amount_diff_2", .difference(.primary, of: nil, order: 2)),
        NamedFeature("hour_of_day", .calendar(.hourOfDay)),
        NamedFeature("day_of_week", .calendar(.dayOfWeek)),
        NamedFeature("sin_hourly", .calendar(.sinHourly)),
        NamedFeature("cos_hourly", .calendar(.cosHourly)),
        NamedFeature("sin_daily", .calendar(.sinDaily)),
        NamedFeature("cos_daily", .calendar(.cosDaily)),
        NamedFeature("distinct_event_types_24h", .distinct(.primary, of: "kind", within: day)),
        NamedFeature("event_count_7d", .count(.primary, within: week)),
        NamedFeature("metric_mean_7d", .aggregate(.mean, .primary, of: nil, within: week)),
        NamedFeature("metric_max_24h", .aggregate(.max, .primary, of: nil, within: day)),
        NamedFeature("amount_vs_mean_ratio", .ratioToMean(.primary, of: nil, within: week)),
        NamedFeature("amount_vs_last_ratio", .ratioToLast(.primary, of: nil)),
        NamedFeature("daily_count", .dailyCount(.primary)),
        NamedFeature("daily_amount", .dailySum(.primary, of: nil)),
        NamedFeature("velocity_per_hour", .rate(.primary, within: day)),
        NamedFeature("hour_rarity", .hourRarity(.primary)),
      ])
  }()
}

extension FeatureDefinition {
  /// Whose events it looks at; missing for a feature of the event alone and for one made of two others.
  package var scope: EntityScope? {
    switch self {
    case .count(let scope, _, _), .aggregate(_, let scope, _, _, _), .distinct(let scope, _, _, _),
      .zScore(let scope, _, _), .ratioToMean(let scope, _, _), .percentChange(let scope, _, _),
      .difference(let scope, _, _), .ratioToLast(let scope, _), .sinceLast(let scope, _),
      .dailyCount(let scope), .dailySum(let scope, _), .rate(let scope, _), .ewma(let scope, _, _),
      .hourRarity(let scope), .isNew(let scope, _), .history(let scope),
      .labelRate(let scope, _, _), .sinceLabel(let scope, _), .seasonal(let scope, _, _):
      scope
    case .calendar, .field, .equals, .ratio, .minus: nil
    }
  }

  /// The same feature over another entity; missing for a feature of the event alone.
  package func moved(to scope: EntityScope) -> FeatureDefinition? {
    switch self {
    case .count(_, let within, let filter): .count(scope, within: within, where: filter)
    case .aggregate(let aggregate, _, let field, let within, let filter):
      .aggregate(aggregate, scope, of: field, within: within, where: filter)
    case .distinct(_, let field, let within, let filter):
      .distinct(scope, of: field, within: within, where: filter)
    case .zScore(_, let field, let within): .zScore(scope, of: field, within: within)
    case .ratioToMean(_, let field, let within): .ratioToMean(scope, of: field, within: within)
    case .percentChange(_, let field, let within): .percentChange(scope, of: field, within: within)
    case .difference(_, let field, let order): .difference(scope, of: field, order: order)
    case .ratioToLast(_, let field): .ratioToLast(scope, of: field)
    case .sinceLast(_, let filter): .sinceLast(scope, where: filter)
    case .dailyCount: .dailyCount(scope)
    case .dailySum(_, let field): .dailySum(scope, of: field)
    case .rate(_, let within): .rate(scope, within: within)
    case .ewma(_, let field, let halfLife): .ewma(scope, of: field, halfLife: halfLife)
    case .hourRarity: .hourRarity(scope)
    case .isNew(_, let field): .isNew(scope, of: field)
    case .history: .history(scope)
    case .labelRate(_, let within, let after): .labelRate(scope, within: within, knownAfter: after)
    case .sinceLabel(_, let after): .sinceLabel(scope, knownAfter: after)
    case .seasonal(_, let field, let within): .seasonal(scope, of: field, within: within)
    case .ratio(let above, let below):
      FeatureDefinition.parts(above, below, moved: scope).map { .ratio($0, $1) }
    case .minus(let from, let less):
      FeatureDefinition.parts(from, less, moved: scope).map { .minus($0, $1) }
    case .calendar, .field, .equals: nil
    }
  }

  /// Two features over another entity; missing where both are of the event alone.
  private static func parts(
    _ a: FeatureDefinition, _ b: FeatureDefinition, moved scope: EntityScope
  ) -> (FeatureDefinition, FeatureDefinition)? {
    let (first, second) = (a.moved(to: scope), b.moved(to: scope))
    return first == nil && second == nil ? nil : (first ?? a, second ?? b)
  }
}
