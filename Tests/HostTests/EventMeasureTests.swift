import Detection
import Foundation
import Ingest
import Primitives
import Store
import Testing

@testable import Host

/// Payments of a day: what is found, counted and added up among kept events.
@Suite("Kept events that are counted") struct EventMeasureTests {
  private let settings: Settings

  /// 24 payments, one an hour of Sunday: amounts 1 to 24, three cards in turn, in two currencies, the last of none; and a login.
  init() throws {
    let scratch = try Scratch()
    try scratch.write(
      "plugins/none.lua",
      "return rule { id = \"t.none\", title = \"None\", severity = \"low\", on = { kind = \"never\" } }"
    )
    var settings = try shipped(scratch)
    settings.plugins = [scratch.path + "/plugins"]
    let start = Timestamp(seconds: 1_772_323_200)
    var events: [EventRecord] = []
    for n in 0..<24 {
      var fields: [String: Value] = [
        "card": .text("C\(n % 3)"), "amount": .number(Double(n + 1)),
        "merchant": .text("M\(n % 5)"),
      ]
      if n < 23 { fields["currency"] = .text(n.isMultiple(of: 2) ? "EUR" : "USD") }
      events.append(
        EventRecord(
          time: start + .hours(Int64(n)), id: "p\(n)", source: "pay", kind: "transaction",
          fields: fields))
    }
    let login = EventRecord(
      time: start + .hours(25), id: "l1", source: "pay", kind: "login",
      fields: ["user": .text("ana")])
    let path = try scratch.write(
      "events.jsonl", (events + [login]).map(EventWriter.line).joined(separator: "\n") + "\n")
    _ = try DetectJob(
      settings: settings, options: DetectOptions(inputs: [path], source: "generic-jsonl")
    ).run(progress: NoProgress())
    self.settings = settings
    self.scratch = scratch
  }

  private let scratch: Scratch
  private var control: Control { Control(settings: settings) }

  private func ids(_ make: (inout EventQuery) -> Void) throws -> [String] {
    var query = EventQuery()
    make(&query)
    return try control.events(query, progress: NoProgress()).map(\.id)
  }

  private func groups(
    of kinds: [String] = [], _ how: (inout EventMeasure) -> Void
  ) throws -> [String] {
    var query = EventQuery()
    query.kinds = kinds
    var measure = EventMeasure()
    how(&measure)
    return try control.measure(query, measure, progress: NoProgress()).rows.map { row in
      let values = row.values.map { value in
        switch value {
        case .text(let text): text
        case .number(let x): Format.number(x, atMost: 0)
        case .flag(let flag): "\(flag)"
        case .missing: "none"
        }
      }
      return "\(values.joined(separator: "/")) \(Format.number(row.amount, atMost: 3))"
    }
  }

  @Test("A bound is exclusive where it is said so, and what has no number is within none")
  func bounds() throws {
    #expect(try ids { $0.fields = [FieldTest("amount", above: 22)] } == ["p23", "p22"])
    #expect(
      try ids {
        var test = FieldTest("amount")
        test.bounds.atLeast = 22
        test.bounds.below = 24
        $0.fields = [test]
      } == ["p22", "p21"])
    #expect(try ids { $0.fields = [FieldTest("amount", above: -1)] }.count == 24)
    // A text is within no bounds.
    #expect(try ids { $0.fields = [FieldTest("card", above: 0)] } == [])
  }

  @Test("One of several values is enough, and what is left out is left out, missing or not")
  func values() throws {
    #expect(
      try ids { $0.fields = [.init("card", [.text("C0"), .text("C1")])] }.count == 16)
    var notEUR = FieldTest("currency")
    notEUR.except = [.text("EUR")]
    #expect(
      try ids { query in
        query.fields = [notEUR]
        query.kinds = ["transaction"]
      }.count == 12)
    notEUR.except = [.text("EUR"), .missing]
    #expect(try ids { $0.fields = [notEUR] }.count == 11)
    #expect(try ids { $0.kinds = ["login", "nothing"] } == ["l1"])
    #expect(try ids { $0.kinds = ["nothing"] } == [])
  }

  @Test("Events come in the order of a number, of time, and of time turned round")
  func order() throws {
    #expect(try ids { ($0.order, $0.limit) = (.most("amount"), 2) } == ["p23", "p22"])
    #expect(try ids { ($0.order, $0.limit) = (.least("amount"), 2) } == ["p0", "p1"])
    #expect(try ids { ($0.order, $0.limit) = (.oldest, 2) } == ["p0", "p1"])
    #expect(try ids { ($0.order, $0.limit) = (.newest, 2) } == ["l1", "p23"])
  }

  @Test("Hours go over midnight, and weekdays are those of UTC")
  func clock() throws {
    #expect(
      try ids { $0.clock.hours = .init(from: 22, to: 2) }.sorted() == [
        "l1", "p0", "p1", "p22", "p23",
      ])
    #expect(try ids { $0.clock.hours = .init(from: 8, to: 10) } == ["p9", "p8"])
    #expect(try ids { $0.clock.weekdays = [0] } == ["l1"])
    #expect(try ids { $0.clock.weekdays = [6] }.count == 24)
  }

  @Test("Groups are counted, summed up and averaged, the largest first, missing values apart")
  func measures() throws {
    #expect(try groups { $0.keys = [.kind] } == ["transaction 24", "login 1"])
    #expect(
      try groups {
        $0.keys = [.field("card")]
        $0.amount = .sum("amount")
      } == ["C2 108", "C1 100", "C0 92"])
    #expect(
      try groups {
        $0.keys = [.field("card")]
        $0.amount = .mean("amount")
        $0.bounds.above = 12
        $0.isRising = true
      } == ["C1 12.5", "C2 13.5"])
    #expect(
      try groups(of: ["transaction"]) { $0.keys = [.field("currency")] } == [
        "EUR 12", "USD 11", "none 1",
      ])
    let merchants = try groups { ($0.keys, $0.amount) = ([.field("card")], .distinct("merchant")) }
    #expect(merchants == ["C0 5", "C1 5", "C2 5"])
    #expect(
      try groups {
        $0.keys = [.field("card"), .field("currency")]
        $0.top = 1
      } == ["C0/EUR 4"])
    #expect(try groups { $0.amount = .most("amount") } == [" 24"])
    #expect(try groups { $0.amount = .least("amount") } == [" 1"])
    // Nothing is counted as none, and has no sum.
    #expect(try groups(of: ["nothing"]) { _ in } == [" 0"])
    #expect(try groups(of: ["nothing"]) { $0.amount = .sum("amount") } == [])
    #expect(
      failure { _ = try groups { $0.amount = .sum("card") } }
        == "the field 'card' is text and has no sum (distinct = \"card\" counts its values)")
    #expect(
      failure { _ = try groups { $0.keys = [.field("crad")] } }
        == "no kept event has a field 'crad' (did you mean 'card'?)")
  }

  @Test("What events call their things is known to questions, but not who they name one by one")
  func words() throws {
    let words = try control.eventWords()
    #expect(words.kinds == ["transaction", "login"])
    #expect(words.fields.contains { $0.name == "amount" && $0.isNumber })
    #expect(words.values["currency"] == ["EUR", "USD"])
    #expect(try control.eventFields(holding: "M3") == ["merchant"])
    #expect(try control.eventFields(holding: "nobody") == [])
  }
}

extension FieldTest {
  fileprivate init(_ field: String, above: Double) {
    self.init(field)
    bounds.above = above
  }
}
