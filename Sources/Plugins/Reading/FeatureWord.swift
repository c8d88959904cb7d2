import Detection

/// The Lua words that make a feature, and the keys that each takes.
enum FeatureWord: String, CaseIterable {
  case count, distinct, sum, mean, std, min, max, first, last, rate, since, ewma
  case zScore = "z_score"
  case ratioToMean = "ratio_to_mean"
  case ratioToLast = "ratio_to_last"
  case percentChange = "percent_change"
  case delta
  case hourRarity = "hour_rarity"
  case new
  case dailyCount = "daily_count"
  case dailySum = "daily_sum"
  case history
  case labelRate = "label_rate"
  case sinceLabel = "since_label"
  case seasonal = "seasonal_z"
  /// Made of two other features.
  case ratio, difference
  /// One of the standard features, by name.
  case feature

  /// What its first value without a key is.
  enum Subject { case none, measure, textField, standard, features }

  var subject: Subject {
    switch self {
    case .count, .rate, .since, .hourRarity, .dailyCount, .history, .labelRate, .sinceLabel:
      .none
    case .distinct, .new: .textField
    case .feature: .standard
    case .ratio, .difference: .features
    default: .measure
    }
  }

  var hasWindow: Bool {
    switch self {
    case .count, .distinct, .sum, .mean, .std, .min, .max, .first, .last, .rate, .zScore,
      .ratioToMean, .percentChange, .labelRate, .seasonal:
      true
    default: false
    }
  }

  var hasFilter: Bool {
    switch self {
    case .count, .distinct, .sum, .mean, .std, .min, .max, .first, .last, .since: true
    default: false
    }
  }

  var readsLabels: Bool { self == .labelRate || self == .sinceLabel }

  var keys: [String] {
    if subject == .standard || subject == .features { return [] }
    var keys: [String] = []
    if hasWindow { keys.append("within") }
    if hasFilter { keys.append("where") }
    if readsLabels { keys.append("known_after") }
    if self == .ewma { keys.append("half_life") }
    if self == .delta { keys.append("order") }
    return keys + ["per"]
  }

  var aggregate: FeatureDefinition.Aggregate? { FeatureDefinition.Aggregate(rawValue: rawValue) }
}
