import Cases
import Detection
import Testing

struct MappingTests {
  /// What was seen, and the row that it must reach.
  static let reached: [(row: String, Evidence)] = [
    ("account-takeover", evidence(features: ["event_count_1h": 20])),
    ("off-hours", evidence(features: ["event_count_1h": 1, "hour_of_day": 3])),
    ("other-access", evidence(features: ["event_count_1h": 1, "hour_of_day": 14])),
    (
      "stolen-card",
      evidence(
        kind: "transaction", fields: ["amount": .number(5000)],
        features: ["event_count_1h": 1, "time_since_last_event_seconds": 604_800])
    ),
    ("card-testing", evidence(kind: "transaction", features: ["event_count_1h": 50])),
    (
      "money-laundering",
      evidence(
        kind: "transaction", found: [rule("a"), rule("payments.round-amounts", .low)],
        features: ["event_count_1h": 1])
    ),
    ("performance", evidence(kind: "metric", features: ["metric_z_24h": 9])),
    ("degradation", evidence(kind: "metric", found: [modelFinding()], score: 0.6)),
  ]

  @Test("Each row is reached by its own evidence, whatever the source", arguments: reached)
  func rows(expected: String, seen: Evidence) throws {
    for source in ["cert-logon", "nab", "ieee-cis", "anything"] {
      var seen = seen
      seen.event.source = source
      #expect(seven.choose(for: seen)?.row.id == expected)
    }
  }

  @Test("A mapping whose rows all fail is passed over for the next")
  func passedOver() {
    let nothing = Mapping(
      id: "none",
      rows: [
        MappingRow(
          id: "never", when: [Predicate("absent", .present)], category: "", risk: .low, costUSD: 0,
          action: "", owner: "")
      ])
    #expect(([nothing] + seven).choose(for: evidence())?.row.id == "other-access")
    #expect([nothing].choose(for: evidence()) == nil)
    #expect(seven.choose(for: evidence(kind: "odd")) == nil)
  }

  @Test("A rule test passes for one of the rules that fired, a negated one for none of them")
  func rules() {
    let both = evidence(found: [rule("a.x"), rule("b.y")])
    let model = evidence(found: [modelFinding()], score: 0.5)
    func holds(_ test: Detection.Test, _ seen: Evidence) -> Bool {
      seen.satisfies([Predicate("rule", test)])
    }
    #expect(holds(.equals(.text("b.y")), both))
    #expect(holds(.any([.equals(.text("c")), .matches("a.*")]), both))
    #expect(holds(.any([.equals(.text("c")), .missing]), model))
    #expect(!holds(.any([.equals(.text("c")), .missing]), both))
    #expect(!holds(.not(.matches("a.*")), both))
    #expect(holds(.not(.matches("c.*")), both))
    #expect(holds(.present, both) && !holds(.missing, both))
    #expect(holds(.missing, model) && !holds(.present, model))
    #expect(!holds(.not(.equals(.text("c"))), model))
  }

  @Test("A name is a word of the finding first, then a feature, then a field")
  func names() {
    let seen = evidence(
      fields: ["score": .text("field"), "amount": .number(1), "city": .text("Rome")],
      found: [rule("a", .low), rule("b", .critical)], features: ["amount": 7, "gone": .nan])
    #expect(seen.value(of: "score") == .missing)
    #expect(seen.value(of: "severity") == .text("critical"))
    #expect(seen.value(of: "amount") == .number(7))
    #expect(seen.value(of: "city") == .text("Rome"))
    #expect(seen.value(of: "gone") == .missing)
    #expect(seen.value(of: "kind") == .text("login"))
    #expect(seen.value(of: "source") == .text("s"))
    #expect(seen.value(of: "never heard of") == .missing)
  }

  @Test("A list test asks the list")
  func lists() {
    let listed = Predicate("city", .inList("towns"))
    let seen = evidence(fields: ["city": .text("Rome")])
    #expect(seen.satisfies([listed]) { list, text in list == "towns" && text == "Rome" })
    #expect(!seen.satisfies([listed]))
  }
}
