import Cases
import Detection
import Host
import Primitives
import Scripting
import Store

extension VerbOptions {
  /// What says which kept events are meant.
  func eventFilter(now: Timestamp) throws(Failure) -> EventQuery {
    var query = EventQuery()
    query.before = try time("before")
    query.since = try start(now, before: query.before)
    try refuseEmpty(query.since, query.before)
    query.clock = try clock()
    query.kinds = try texts("kind")
    query.source = try text("source")
    if let entity = try text("entity") {
      if let (field, value) = VerbOptions.entity(entity) {
        query.fields.append(FieldTest(field, [.text(value)]))
      } else {
        query.anyText = entity
      }
    }
    for (name, value) in try table("fields")?.named ?? [] {
      query.fields.append(try VerbOptions.test(name, value))
    }
    return query
  }

  private static func test(_ name: String, _ value: ScriptValue) throws(Failure) -> FieldTest {
    guard case .table(let table) = value else {
      return FieldTest(name, [try fieldValue(value, of: name)])
    }
    var test = FieldTest(name)
    if table.named.isEmpty {
      test.values = try values(table.list, of: name)
      return test
    }
    let options = try VerbOptions(
      value, of: "the field '\(AlertCard.shown(name))'", known: boundNames + ["except"])
    test.bounds = try options.bounds()
    if options.has("except") {
      let except = table["except"]
      test.except =
        if let list = except.table?.list { try values(list, of: name) } else {
          [try fieldValue(except, of: name)]
        }
    }
    return test
  }

  private static func values(
    _ list: [ScriptValue], of name: String
  ) throws(Failure) -> [Value] {
    guard !list.isEmpty else {
      throw Failure(
        .usage, "the field '\(AlertCard.shown(name))' has no value",
        advice: "give one, or a list such as {\"EUR\", \"USD\"}")
    }
    var values: [Value] = []
    for value in list { values.append(try fieldValue(value, of: name)) }
    return values
  }

  private static func fieldValue(
    _ value: ScriptValue, of name: String
  ) throws(Failure) -> Value {
    switch value {
    case .text(let text): return .text(text)
    case .integer(let n): return .number(Double(n))
    case .number(let x): return .number(x)
    case .flag(true): return .flag(true)
    case .flag(false): return .missing
    default:
      throw Failure(
        .usage, "the field '\(AlertCard.shown(name))' cannot be \(value.kind)",
        advice:
          "give a text, a number, true, false for one that is missing, or a list or bounds such as {above = 10}"
      )
    }
  }
}
