import Learning
import Primitives

/// Which threshold a model has, why, and what it does on rows that it was not chosen on.
struct ThresholdLines {
  private let report: ThresholdReport

  init(_ report: ThresholdReport) { self.report = report }

  var lines: [String] {
    var lines = ["Alerts from a score of \(Format.decimal(report.value, 4)) on: \(reason)."]
    if let test = report.test { lines.append("  on the rows kept apart: \(words(test))") }
    if let budget = report.budgetTest, let value = report.budgetValue,
      let perDay = report.falseAlarmsPerDay
    {
      lines.append(
        "  from \(Format.decimal(value, 4)) on (\(Format.number(perDay)) false alarms a day):"
          + " \(words(budget))")
    }
    if let silent = report.test?.costWithoutAlarms {
      lines.append("  without any alarm: cost \(Format.number(silent))")
    }
    return lines
  }

  private var reason: String {
    switch report.by {
    case .cost:
      "there a miss at \(Format.number(report.prices?.miss ?? 0)) and an alarm at"
        + " \(Format.number(report.prices?.alarm ?? 0)) cost least on the validation rows"
    case .budget:
      "\(Format.number(report.falseAlarmsPerDay ?? 0))"
        + " \(report.validation.falseAlarms == nil ? "alarms" : "false alarms") a day at most came there"
        + " on the validation rows"
    }
  }

  private func words(_ tally: AlarmTally) -> String {
    guard let wrong = tally.falseAlarms, let missed = tally.missed, let all = tally.incidents else {
      return named(tally.alarms, "alarm")
        + "; nothing is labelled, so how many are right is not known"
    }
    var text =
      "\(named(tally.alarms, "alarm")), \(Format.count(wrong)) of them false,"
      + " \(Format.count(missed)) of \(named(all, "incident")) missed"
    if let cost = tally.cost {
      text += ", cost \(Format.number(cost))"
      if let range = tally.interval, range.count == 2 {
        text += " (95 % \(Format.number(range[0])) – \(Format.number(range[1])))"
      }
    }
    return text
  }
}
