import Cases
import Host
import Primitives
import Scripting
import Store

/// SQL, times, drawings, and how values are printed.
extension Verb {
  static let otherVerbs: [Verb] = [
    Verb(
      name: "sql", form: "sql(\"select rule, count(*) from alerts group by 1\")",
      about: """
        A question to the database in SQL, which can change nothing. At most limit rows (10,000), 16 MiB of them, and so \
        many seconds (10).
        """, options: ["limit", "seconds"],
      examples: [
        "sql(\"select name from sqlite_master where type = 'table'\")",
        "sql([[select rule, count(*) as n from alerts group by 1 order by n desc]], {limit = 5})",
      ]
    ) { host, arguments in
      guard let text = arguments.first?.text else {
        throw Failure(
          .usage, "sql needs a question as text",
          advice: "such as sql(\"select count(*) from alerts\")")
      }
      let options = try VerbOptions(
        arguments.dropFirst().first, of: "sql", known: ["limit", "seconds"])
      let seconds = try options.number("seconds") ?? 10
      guard seconds > 0, seconds <= 3600 else {
        throw Failure(.usage, "seconds is \(seconds)", advice: "give more than 0, at most 3600")
      }
      let stop = host.stop
      let rows = try host.control.sql(
        text, limit: try options.count("limit") ?? 10_000, seconds: seconds,
        isStopped: { stop.isRaised })
      return .table(table(rows))
    },
    Verb(
      name: "time", form: "time(\"2026-03-20 14:00\")",
      about:
        "A point in time, in UTC without an offset. time() is the one that last counts back from.",
      examples: ["time(\"2026-03-20\") + 3 * day", "time() - 1 * hour"]
    ) { host, arguments in
      guard let text = arguments.first, !text.isNil else { return .time(host.now) }
      guard let time = text.time ?? text.text.flatMap(TimeWords.parse) else {
        throw Failure(
          .usage, "'\(AlertCard.shown(text.text ?? text.kind))' is no time",
          advice: "such as time(\"2026-03-20 14:00\")")
      }
      return .time(time)
    },
    Verb(
      name: "histogram", form: "histogram({12, 15, 80}, 10)",
      about: "How a list of numbers is distributed, in so many steps (10).",
      examples: ["histogram({1, 2, 2, 3, 9})"]
    ) { _, arguments in
      try histogram(arguments)
    },
    Verb(
      name: "spark", form: "spark({12, 15, 80})",
      about: "A list of numbers as a sparkline.", examples: ["spark({1, 4, 2, 8})"]
    ) { _, arguments in
      .table(
        ScriptTable(named: [
          (ReplPrelude.tag, .text("series")), ("title", .text("")),
          (
            "points",
            .table(
              ScriptTable(
                list: try numbers(arguments, "spark").map {
                  .table(ScriptTable(named: [("value", .number($0))]))
                }))
          ),
        ]))
    },
    Verb(
      name: "set", form: "set{mode = \"json\", timing = true}",
      about:
        "How values are printed from now on: mode is table, json, csv or lua; timing is true or false.",
      options: ["mode", "timing", "now"],
      examples: ["set{mode = \"json\"}", "set{timing = true}", "set{now = \"2026-03-25\"}"]
    ) { host, arguments in
      let options = try VerbOptions(
        arguments.first, of: "set", known: ["mode", "timing", "now"])
      let modes = OutputMode.allCases.map(\.rawValue)
      if let mode = try options.word("mode", modes, OutputMode.init) { host.mode = mode }
      if let timing = try options.flag("timing") { host.showsTime = timing }
      if let now = try options.time("now") { host.now = now }
      return .nil
    },
  ]

  private static func table(_ rows: ReadOnlySQL.Rows) -> ScriptTable {
    var rows = rows
    rows.columns = numbered(rows.columns)
    var list = rows.rows.enumerated().map { index, row -> ScriptValue in
      var named = zip(rows.columns, row).compactMap { name, cell -> (String, ScriptValue)? in
        switch cell {
        case .null: nil
        case .integer(let n): (name, .integer(n))
        case .number(let x): (name, .of(x))
        case .text(let text): (name, .text(text))
        case .bytes(let count): (name, .text("\(count) bytes"))
        }
      }
      named.insert((ReplPrelude.tag, .text("row")), at: 0)
      if index == 0 {
        named.append(
          (Verb.columnsKey, .table(ScriptTable(list: rows.columns.map(ScriptValue.text)))))
      }
      return .table(ScriptTable(named: named.map { (name: $0.0, value: $0.1) }))
    }
    if let cut = rows.cut, case .table(var last)? = list.last {
      let most = "an answer holds at most \(ReadOnlySQL.mostBytes >> 20) MiB"
      let advice = cut == .bytes ? "\(most), ask for fewer rows or columns" : "give sql a limit"
      last.named.append((cutKey, .text(advice)))
      list[list.count - 1] = .table(last)
    }
    return ScriptTable(list: list)
  }

  /// On the last row of an answer of SQL that was cut: what to do about it.
  static let cutKey = "@cut"

  /// A second column of a name gets a number, so that no value is lost.
  private static func numbered(_ names: [String]) -> [String] {
    var known: Set<String> = []
    return names.map { name in
      var unique = name
      var number = 2
      while !known.insert(unique).inserted {
        unique = "\(name)_\(number)"
        number += 1
      }
      return unique
    }
  }

  /// Where the first row of SQL says in what order its columns came.
  static let columnsKey = "@columns"

  private static func numbers(
    _ arguments: [ScriptValue], _ verb: String
  ) throws(Failure) -> [Double] {
    guard let list = arguments.first?.table?.list, !list.isEmpty else {
      throw Failure(
        .usage, "\(verb) needs a list of numbers", advice: "such as \(verb)({1, 4, 2, 8})")
    }
    let numbers = list.compactMap(\.number)
    guard numbers.count == list.count else {
      throw Failure(.usage, "the list holds what is no number", advice: "leave it out")
    }
    return numbers
  }

  private static func histogram(_ arguments: [ScriptValue]) throws(Failure) -> ScriptValue {
    let numbers = try numbers(arguments, "histogram")
    let steps = arguments.count > 1 ? arguments[1].integer ?? 0 : 10
    guard (1...100).contains(steps) else {
      throw Failure(.usage, "a histogram has 1 to 100 steps", advice: "give a whole number of them")
    }
    let low = numbers.min() ?? 0
    let high = numbers.max() ?? 0
    let width = (high - low) / Double(steps)
    guard width.isFinite else {
      throw Failure(.usage, "the numbers are too far apart", advice: "leave out the largest")
    }
    var counts = [Int](repeating: 0, count: width > 0 ? Int(steps) : 1)
    for number in numbers {
      counts[width > 0 ? min(counts.count - 1, Int((number - low) / width)) : 0] += 1
    }
    return .table(
      ScriptTable(
        list: counts.enumerated().map { index, count in
          let from = low + Double(index) * width
          return .table(
            ScriptTable(named: [
              (ReplPrelude.tag, .text("count")), ("by", .text("from – to")),
              (
                "value",
                .text(
                  "\(Format.number(from)) – \(Format.number(index + 1 == counts.count ? high : from + width))"
                )
              ),
              ("numbers", .integer(Int64(count))),
            ]))
        }))
  }
}
