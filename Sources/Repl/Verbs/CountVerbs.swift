import Cases
import Detection
import Host
import Primitives
import Scripting
import Store

/// How many alerts there are: in all, by something, and over time.
extension Verb {
  static let keys = [
    "severity", "rule", "category", "owner", "source", "risk", "status", "disposition", "mapping",
    "kind", "entity", "state", "assignee", "hour", "weekday", "day", "each_hour",
  ]

  static let countVerbs: [Verb] = [
    Verb(
      name: "count", form: "count{severity = \"high\", last = 1 * day}",
      about: "How many alerts all of the options fit.", options: VerbOptions.filters,
      examples: ["count{}", "count{status = \"open\", rule = \"fraud.*\"}"]
    ) { host, arguments in
      let options = try VerbOptions(
        arguments.first, of: "count", known: VerbOptions.filters)
      return .integer(Int64(try host.control.count(try options.query(now: host.now))))
    },
    Verb(
      name: "timeline", form: "timeline{by = \"day\", last = 14 * day}",
      about: "Alerts over time, by day or by hour. Printed as a sparkline.",
      options: ["by"] + VerbOptions.filters,
      examples: ["timeline{}", "timeline{by = \"hour\", last = 2 * day, rule = \"fraud.*\"}"]
    ) { host, arguments in
      let options = try VerbOptions(
        arguments.first, of: "timeline", known: ["by"] + VerbOptions.filters)
      let isByHour =
        try options.word("by", ["day", "hour"]) { ["day", "hour"].contains($0) ? $0 : nil }
        == "hour"
      var query = try options.query(now: host.now)
      let step: TimeSpan = isByHour ? .hours(1) : .days(1)
      guard let span = try host.control.span() else {
        return series("alerts", [])
      }
      // Days without alerts are there too: from the first to the last that are asked for.
      let since = max(query.since ?? span.lowerBound, span.lowerBound)
      let before = min(
        query.before ?? .init(microseconds: .max),
        max(span.upperBound, host.now) + TimeSpan(microseconds: 1))
      query.since = since
      query.before = before
      let counts = try host.control.counts(
        query, by: isByHour ? .eachHour : .eachDay, top: nil
      ).rows
      var known: [Int64: Int] = [:]
      for row in counts {
        if case .number(let start)? = row.value { known[Int64(start)] = row.alerts }
      }
      let size = step.microseconds
      let first = since.microseconds.flooredDivision(by: size).quotient
      let last = (before.microseconds - 1).flooredDivision(by: size).quotient
      guard first <= last else { return series("alerts", []) }
      guard last - first < 100_000 else {
        throw Failure(
          .usage, "that is more than 100,000 \(isByHour ? "hours" : "days")",
          advice: "ask for less time")
      }
      return series(
        isByHour ? "alerts an hour" : "alerts a day",
        (first...last).map { bucket in
          (Timestamp(microseconds: bucket * size), Double(known[bucket * size] ?? 0))
        })
    },
    Verb(
      name: "history", form: "history{feature = \"amount\", entity = \"card=C101776\"}",
      about: """
        A feature over the alerts of an entity, as it was frozen with each; features(alert) names them. Printed as a \
        sparkline.
        """, options: ["feature", "limit"] + VerbOptions.filters,
      examples: ["history{feature = \"amount\", entity = \"card=C101776\"}"]
    ) { host, arguments in
      let options = try VerbOptions(
        arguments.first, of: "history", known: ["feature", "limit"] + VerbOptions.filters)
      guard let feature = try options.text("feature") else {
        throw Failure(
          .usage, "history needs a feature", advice: "features(alert) names those of an alert")
      }
      var query = try options.query(now: host.now)
      query.limit = try options.count("limit") ?? 1000
      return series(feature, try host.control.history(of: feature, query))
    },
    Verb(
      name: "changed",
      form:
        "changed{entity = \"user=ana\", since = \"2026-03-25\", against_since = \"2026-03-18\"}",
      about: """
        Alerts of each rule since a time, held against an earlier time: in all and a day. Without against_since it is \
        the same length just before.
        """, options: ["against_since", "against_before"] + VerbOptions.filters,
      examples: [
        "changed{last = 1 * day}", "changed{entity = \"user=ana\", since = \"2026-03-25\"}",
      ]
    ) { host, arguments in
      try changed(host, arguments)
    },
  ]

  /// The order in which a screen shows what `changed` gives.
  static let changeColumns = ["rule", "before", "after", "before_a_day", "after_a_day"]

  private static func changed(_ host: ReplHost, _ arguments: [ScriptValue]) throws -> ScriptValue {
    let options = try VerbOptions(
      arguments.first, of: "changed",
      known: ["against_since", "against_before"] + VerbOptions.filters)
    var after = try options.query(now: host.now)
    guard let since = after.since else {
      throw Failure(
        .usage, "changed needs since or last", advice: "such as changed{last = 1 * day}")
    }
    let end = after.before ?? max(host.now, since)
    after.before = end
    var before = after
    before.before = try options.time("against_before") ?? since
    before.since =
      try options.time("against_since") ?? (before.before ?? since) - (end - since)
    guard let from = before.since, let until = before.before, from < until, since < end else {
      throw Failure(.usage, "one of the two times is empty", advice: "give since before its end")
    }
    let old = try host.control.counts(before, by: .rule, top: nil).rows
    let new = try host.control.counts(after, by: .rule, top: nil).rows
    func days(_ span: TimeSpan) -> Double { max(span.seconds / 86_400, 1.0 / 24) }
    let oldDays = days(until - from)
    let newDays = days(end - since)
    var rules: [String] = []
    for row in new + old {
      let rule = words(row.value, .rule)
      if !rules.contains(rule) { rules.append(rule) }
    }
    func alerts(_ rows: [AlertQuery.Count], _ rule: String) -> Int {
      rows.first { words($0.value, .rule) == rule }?.alerts ?? 0
    }
    return .table(
      ScriptTable(
        list: rules.map { rule in
          let (now, then) = (alerts(new, rule), alerts(old, rule))
          return .table(
            ScriptTable(named: [
              (ReplPrelude.tag, .text("change")), ("rule", .text(rule)),
              ("before", .integer(Int64(then))), ("after", .integer(Int64(now))),
              ("before_a_day", .number(Double(then) / oldDays)),
              ("after_a_day", .number(Double(now) / newDays)),
            ]))
        }))
  }

  static func series(_ title: String, _ points: [(time: Timestamp, value: Double)]) -> ScriptValue {
    .table(
      ScriptTable(named: [
        (ReplPrelude.tag, .text("series")), ("title", .text(title)),
        (
          "points",
          .table(
            ScriptTable(
              list: points.map {
                .table(
                  ScriptTable(named: [("time", .time($0.time)), ("value", .number($0.value))]))
              }))
        ),
      ]))
  }

  /// A word that alerts may be counted by; a field of entities where it is none of the others.
  static func key(_ word: String, _ host: ReplHost) throws(Failure) -> AlertQuery.Key {
    switch word {
    case "severity": return .severity
    case "rule": return .rule
    case "category": return .category
    case "owner": return .owner
    case "source": return .source
    case "risk": return .risk
    case "status": return .status
    case "disposition": return .disposition
    case "mapping": return .mapping
    case "kind": return .kind
    case "entity": return .entity
    case "hour": return .hour
    case "weekday": return .weekday
    case "day": return .eachDay
    case "each_hour": return .eachHour
    case "state": return .state
    case "assignee": return .assignee
    default:
      let fields = try host.control.entityFields()
      if fields.contains(word) { return .field(word) }
      // Alerts are about users and cards, and name the devices and merchants as well.
      let named = try host.control.namedFields()
      if named.contains(word) { return .named(word) }
      throw VerbOptions.unknown("key", word, fields + named.filter { !fields.contains($0) } + keys)
    }
  }

  private static let weekdays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]

  static func words(_ value: AlertQuery.Count.Value?, _ key: AlertQuery.Key) -> String {
    switch value {
    case nil:
      switch key {
      case .rule: return "model"
      case .disposition: return "open"
      case .assignee: return "nobody"
      default: return "none"
      }
    case .text(let text): return text
    case .number(let number):
      switch key {
      case .severity: return Severity(rawValue: number)?.word ?? "\(number)"
      case .weekday: return weekdays.indices.contains(number) ? weekdays[number] : "\(number)"
      case .hour: return "\(number < 10 ? "0" : "")\(number):00"
      case .eachDay, .eachHour:
        let time = Timestamp(microseconds: Int64(number))
        return key == .eachDay ? Format.day(time) : Format.minute(time)
      default: return "\(number)"
      }
    }
  }
}

extension TimeSpan {
  fileprivate var seconds: Double { Double(microseconds) / 1e6 }
}
