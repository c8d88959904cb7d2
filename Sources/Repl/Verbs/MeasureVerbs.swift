import Cases
import Detection
import Host
import Primitives
import Scripting
import Store

/// Alerts and kept events in groups, counted or summed up.
extension Verb {
  /// What both may do with groups.
  private static let grouping =
    ["by", "sum", "mean", "min", "max", "distinct"] + VerbOptions.boundNames + ["fewest", "top"]

  private static let tallyOptions = grouping + VerbOptions.filters
  private static let measureOptions = grouping + eventFilters

  static let measureVerbs: [Verb] = [
    Verb(
      name: "tally", form: "tally{by = \"user\", rule = \"auth.off-hours\", top = 5}",
      about: """
        Alerts counted by something: a field of entities such as user, or severity, rule, category, owner, source, \
        risk, status, state, assignee, disposition, mapping, kind, entity, hour (of the day), weekday, day or each_hour. \
        by may be a list of two. sum, mean, min and max of cost or score, or distinct of one of the keys, take the place \
        of the count. above, below, at_least and at_most say which groups are wanted; fewest gives the smallest first. \
        Printed as a histogram.
        """, options: tallyOptions,
      examples: [
        "tally{by = \"rule\"}", "tally{by = \"user\", last = 7 * day, top = 3}",
        "tally{by = {\"category\", \"severity\"}}", "tally{by = \"card\", sum = \"cost\", top = 3}",
        "tally{by = \"user\", above = 2}",
      ]
    ) { host, arguments in
      let options = try VerbOptions(arguments.first, of: "tally", known: tallyOptions)
      var measure = AlertMeasure()
      let by = try options.keys()
      let query = try options.query(now: host.now)
      measure.keys = try by.map { (word) throws(Failure) in
        // Of alerts about a user the devices are those that they name.
        let key = try key(word, host)
        guard case .field(let field) = key, let other = query.entityField, other != field else {
          return key
        }
        return .named(field)
      }
      measure.bounds = try options.bounds()
      measure.isRising = try options.flag("fewest") ?? false
      measure.top = try options.count("top") ?? 20
      let amount = try options.amount()
      measure.amount = try alertAmount(amount, host)
      if by.isEmpty, amount == nil {
        throw Failure(
          .usage, "tally needs what to count by", advice: "such as tally{by = \"rule\"}")
      }
      let (rows, groups) = try host.control.measure(query, measure)
      let unit = amount.map { "\($0.word) \($0.of)" }
      if by.isEmpty { return .of(rows.first?.amount) }
      return grouped(
        by, unit: unit ?? "alerts",
        rows.map { row in
          (zip(row.values, measure.keys).map { words($0, $1) }, row.alerts, row.amount)
        }, groups)
    },
    Verb(
      name: "measure", form: "measure{kind = \"transaction\", by = \"card\", mean = \"amount\"}",
      about: """
        Kept events counted, or a field of theirs summed up (sum, mean, min, max), or its values counted (distinct). by is \
        a field, kind, source, hour (of the day), weekday, day, each_hour, or a list of two; without it there is one \
        number. above, below, at_least and at_most say which groups are wanted; fewest gives the smallest first. The \
        other options are those of events. 20 groups are given unless top says otherwise, and there may be 200,000.
        """, options: measureOptions,
      examples: [
        "measure{kind = \"login\", fields = {outcome = \"failure\"}, by = \"user\", last = 1 * day}",
        "measure{kind = \"transaction\", by = \"card\", sum = \"amount\", top = 5}",
        "measure{kind = \"login\", by = \"user\", distinct = \"device\", above = 10}",
        "measure{entity = \"card=C101776\", max = \"amount\"}",
      ]
    ) { host, arguments in
      let options = try VerbOptions(arguments.first, of: "measure", known: measureOptions)
      var measure = EventMeasure()
      let by = try options.keys()
      measure.keys = by.map(eventKey)
      measure.bounds = try options.bounds()
      measure.isRising = try options.flag("fewest") ?? false
      measure.top = try options.count("top") ?? 20
      let amount = try options.amount()
      if let amount { measure.amount = eventAmount(amount) }
      let query = try options.eventFilter(now: host.now)
      let (rows, groups) = try host.control.measure(query, measure, progress: host.progress)
      if rows.allSatisfy({ $0.events == 0 }) { try suggest(query, host) }
      if by.isEmpty {
        return rows.first.map { ScriptValue(Value.number($0.amount)) } ?? .nil
      }
      return grouped(
        by, unit: amount.map { "\($0.word) \($0.of)" } ?? "events",
        rows.map { row in
          (zip(row.values, measure.keys).map { eventWords($0, $1) }, row.events, row.amount)
        }, groups)
    },
  ]

  /// One key: bars. Two: a table.
  private static func grouped(
    _ by: [String], unit: String, _ groups: [(values: [String], count: Int, amount: Double?)],
    _ all: Int
  ) -> ScriptValue {
    var list: [ScriptValue] = []
    for (values, count, amount) in groups {
      let number: ScriptValue =
        amount.map { ScriptValue(Value.number($0)) } ?? .nil
      var named: [(String, ScriptValue)] = []
      if by.count == 1 {
        named = [
          (ReplPrelude.tag, .text("count")), ("by", .text(by[0])), ("value", .text(values[0])),
        ]
        if unit == "alerts" {
          named.append(("alerts", .integer(Int64(count))))
        } else {
          named += [("unit", .text(unit)), ("number", number)]
        }
      } else {
        named = [(ReplPrelude.tag, .text("row"))]
        named += zip(by, values).map { ($0, ScriptValue.text($1)) }
        named.append((unit, number))
        if list.isEmpty {
          let columns = by + [unit]
          named.append((columnsKey, .table(ScriptTable(list: columns.map(ScriptValue.text)))))
        }
      }
      list.append(
        .table(ScriptTable(named: named.filter { !$0.1.isNil }.map { (name: $0.0, value: $0.1) })))
    }
    if all > groups.count, case .table(var last)? = list.last {
      last.named.append(
        by.count == 1
          ? ("more", .integer(Int64(all - groups.count)))
          : (cutKey, .text("\(all - groups.count) (give top, such as top = 100)")))
      list[list.count - 1] = .table(last)
    }
    return .table(ScriptTable(list: list))
  }

  private static func alertAmount(
    _ amount: VerbOptions.Amount?, _ host: ReplHost
  ) throws(Failure) -> AlertMeasure.Amount {
    guard let amount else { return .alerts }
    if amount.word == "distinct" { return .distinct(try key(amount.of, host)) }
    guard let column = AlertMeasure.Column(rawValue: amount.of) else {
      throw VerbOptions.unknown(
        amount.word, amount.of, AlertMeasure.Column.allCases.map(\.rawValue))
    }
    return switch amount.word {
    case "sum": .sum(column)
    case "mean": .mean(column)
    case "min": .least(column)
    default: .most(column)
    }
  }

  private static func eventAmount(_ amount: VerbOptions.Amount) -> EventMeasure.Amount {
    switch amount.word {
    case "distinct": .distinct(amount.of)
    case "sum": .sum(amount.of)
    case "mean": .mean(amount.of)
    case "min": .least(amount.of)
    default: .most(amount.of)
    }
  }

  static let eventKeys = ["kind", "source", "hour", "weekday", "day", "each_hour"]

  private static func eventKey(_ word: String) -> EventMeasure.Key {
    switch word {
    case "kind": .kind
    case "source": .source
    case "hour": .hour
    case "weekday": .weekday
    case "day": .eachDay
    case "each_hour": .eachHour
    default: .field(word)
    }
  }

  private static func eventWords(_ value: Value, _ key: EventMeasure.Key) -> String {
    guard case .number(let x) = value else {
      return switch value {
      case .text(let text): text
      case .flag(let flag): flag ? "true" : "false"
      default: "none"
      }
    }
    let number = AlertQuery.Count.Value.number(Int(exactly: x) ?? 0)
    return switch key {
    case .hour: words(number, .hour)
    case .weekday: words(number, .weekday)
    case .eachDay: words(number, .eachDay)
    case .eachHour: words(number, .eachHour)
    case .field, .kind, .source: Format.number(x, atMost: 6)
    }
  }
}

extension VerbOptions {
  /// What takes the place of a count: `sum = "amount"`.
  struct Amount {
    var word: String
    var of: String
  }

  func amount() throws(Failure) -> Amount? {
    let words = ["sum", "mean", "min", "max", "distinct"]
    try refuseTwo(of: words)
    for word in words {
      if let of = try text(word) { return Amount(word: word, of: of) }
    }
    return nil
  }

  /// One thing to group by, or two.
  func keys() throws(Failure) -> [String] {
    let keys = try texts("by")
    guard keys.count <= 2, Set(keys).count == keys.count else {
      throw Failure(
        .usage, "by of \(verb) is a list of \(keys.count)",
        advice: "give one key or two different ones")
    }
    return keys
  }
}
