import Detection

extension FeatureDefinition {
  /// What every value of the feature passes, missing apart; nothing where it may be any number.
  var range: FeatureRange? {
    switch self {
    case .count, .distinct, .sinceLast, .sinceLabel, .dailyCount, .rate, .history:
      FeatureRange(test: .atLeast(0), words: "0 or more")
    case .hourRarity, .isNew, .labelRate, .equals:
      FeatureRange(test: .between(0, 1), words: "from 0 to 1")
    case .calendar(.hourOfDay): FeatureRange(test: .between(0, 23), words: "from 0 to 23")
    case .calendar(.dayOfWeek): FeatureRange(test: .between(0, 7), words: "a day of the week")
    case .calendar: FeatureRange(test: .between(-1, 1), words: "from -1 to 1")
    default: nil
    }
  }
}

/// The values that a feature may have.
struct FeatureRange {
  let test: Test
  let words: String

  func excludes(_ other: Test) -> Bool { test.excludes(other) }
}
