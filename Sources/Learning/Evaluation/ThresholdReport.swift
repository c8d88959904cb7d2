/// What a threshold does on given rows: alarms raised, incidents missed, and what both cost.
package struct AlarmTally: Sendable, Encodable, Equatable {
  package var rows: Int
  package var alarms: Int
  /// Absent where nothing is labelled, as what follows: nobody knows.
  package var falseAlarms: Int?
  package var incidents: Int?
  package var missed: Int?
  /// Of all these rows; absent without prices, as what follows.
  package var cost: Double?
  /// 95 % of 400 draws.
  package var interval: [Double]?
  package var costWithoutAlarms: Double?

  package init(rows: Int, alarms: Int, falseAlarms: Int, incidents: Int, missed: Int) {
    self.rows = rows
    self.alarms = alarms
    self.falseAlarms = falseAlarms
    self.incidents = incidents
    self.missed = missed
  }

  /// The same where nothing is labelled.
  package var unlabelled: AlarmTally {
    var tally = self
    (tally.falseAlarms, tally.incidents, tally.missed) = (nil, nil, nil)
    return tally
  }

  private enum CodingKeys: String, CodingKey {
    case rows, alarms, incidents, missed, cost, interval
    case falseAlarms = "false_alarms"
    case costWithoutAlarms = "cost_without_alarms"
  }
}

/// Which threshold a model has, and why: chosen on validation rows, judged on the test rows.
package struct ThresholdReport: Sendable, Encodable, Equatable {
  package enum Reason: String, Sendable, Encodable {
    /// Misses and alarms cost least there.
    case cost
    /// No more false alarms a day come there than are allowed.
    case budget
  }

  package var by: Reason
  package var value: Double
  package var prices: AlarmPrices?
  package var falseAlarmsPerDay: Double?
  package var validation: AlarmTally
  package var test: AlarmTally?
  /// Where costs chose: what the budget would have chosen, and what that would have done on the test rows.
  package var budgetValue: Double?
  package var budgetTest: AlarmTally?

  private enum CodingKeys: String, CodingKey {
    case by, value, validation, test
    case prices
    case falseAlarmsPerDay = "false_alarms_per_day"
    case budgetValue = "budget_value"
    case budgetTest = "budget_test"
  }

  package init(
    by: Reason, value: Double, prices: AlarmPrices?, falseAlarmsPerDay: Double?,
    validation: AlarmTally
  ) {
    self.by = by
    self.value = value
    self.prices = prices
    self.falseAlarmsPerDay = falseAlarmsPerDay
    self.validation = validation
  }

  /// Judges the choice on rows that it was not made on.
  package mutating func judge(_ rows: JudgedRows, seed: UInt64) {
    test = rows.tally(value, prices, seed: seed)
    budgetTest = budgetValue.map { rows.tally($0, prices, seed: seed) }
  }
}
