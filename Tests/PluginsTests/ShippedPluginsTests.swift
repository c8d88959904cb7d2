import Cases
import Detection
import Foundation
import Plugins
import Primitives
import Testing

/// The plugins in this repository.
private let shipped: PluginSet = {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
  return PluginSet.load(folders: ["\(root)/plugins", "\(root)/scenarios"], vocabulary: .shipped)
}()

@Suite("Shipped plugins")
struct ShippedPluginsTests {
  @Test("All are read without a problem")
  func clean() {
    #expect(shipped.problems.map(\.description) == [])
    #expect(shipped.rules.count >= 30)
    #expect(
      shipped.mappings.map(\.id).sorted() == [
        "access", "cloud", "endpoint", "fraud", "infrastructure", "payment-response",
      ])
    #expect(shipped.scenarios.count == 16)
    #expect(
      shipped.escalations.map(\.id) == [
        "block-card", "escalate-repeat-offender", "page-on-call", "tell-fraud-team",
      ])
    #expect(shipped.playbooks.map(\.id) == ["contain-account"])
  }

  @Test("Every rule has a suite, and every case of it passes")
  func suites() throws {
    let runner = SuiteRunner(set: shipped, vocabulary: .shipped)
    // What a mapping makes of alerts needs the judge, which `plugins test` has and this bench does not.
    let mappings = Set(shipped.mappings.map(\.id))
    let cases = shipped.suites.filter { !mappings.contains($0.subject) }.flatMap { suite in
      runner.run(suite) { try WorkingBench(shipped, .shipped) }
    }
    let acting = shipped.escalations.map(\.id) + shipped.playbooks.map(\.id)
    #expect(
      Set(shipped.suites.map(\.subject)).subtracting(mappings)
        == Set(shipped.rules.map(\.id)).union(acting))
    #expect(shipped.suites.contains { $0.subject == "payment-response" })
    for suite in shipped.suites { #expect(suite.cases.count >= 2, "\(suite.subject)") }
    #expect(cases.filter { !$0.passed }.map { "\($0.suite): \($0.name): \($0.message)" } == [])
  }

  @Test("No mapping asks for the source of an event")
  func evidenceOnly() {
    for mapping in shipped.mappings {
      let names = (mapping.on + mapping.rows.flatMap(\.when)).map(\.name)
      #expect(!names.contains("source"), "\(mapping.id)")
    }
  }

  @Test("The rows say what the business decided")
  func rows() throws {
    let rows = Dictionary(
      uniqueKeysWithValues: shipped.mappings.flatMap(\.rows).map { ($0.id, $0) })
    let decided: [(String, Double, String, String, String)] = [
      ("account-takeover", 500, "incident", "high", "security_team"),
      ("insider-threat", 100, "incident", "medium", "hr_security"),
      ("card-testing", 1000, "incident", "high", "fraud_team"),
      ("stolen-card", 5000, "incident", "critical", "fraud_team"),
      ("money-laundering", 10000, "incident", "high", "compliance_team"),
      ("performance", 200, "minute", "high", "sre_team"),
      ("degradation", 500, "day", "medium", "sre_team"),
    ]
    for (id, cost, per, risk, owner) in decided {
      let row = try #require(rows[id])
      #expect(row.costUSD == cost && row.per.rawValue == per, "\(id)")
      #expect(row.risk.rawValue == risk && row.owner == owner, "\(id)")
    }
  }

  @Test("Every scenario plants events, and the same ones for the same seed")
  func scenarios() throws {
    for scenario in shipped.scenarios {
      let victim = victim(of: scenario.id)
      let past = (0..<60).map { number in
        var earlier = victim
        earlier.time = victim.time - .minutes(Int64(60 - number))
        return earlier
      }
      let runner = try ScenarioRunner(scenario: scenario, vocabulary: .shipped)
      var first = SeededRandom(seed: 5)
      var second = SeededRandom(seed: 5)
      let events = try runner.inject(victim: victim, history: past, random: &first)
      #expect(!events.isEmpty)
      #expect(events.contains { $0.isLabelled })
      #expect(try runner.inject(victim: victim, history: past, random: &second) == events)
      #expect(Set(events.map(\.record.id)).count == events.count)
      // An attack is one entity's: planted events keep the victim's, or nothing can be planted.
      let entity = try #require(victim.primaryEntity, "\(scenario.id)")
      #expect(
        events.allSatisfy { $0.record.primaryEntity.map { $0 == entity } ?? false },
        "\(scenario.id)")
      #expect(
        scenario.onto.allSatisfy { condition in
          condition.test.accepts(
            condition.name == "kind" ? .text(victim.kind) : victim.value(of: condition.name))
        }, "\(scenario.id)")
    }
  }

  private func victim(of scenario: String) -> EventRecord {
    func of(_ entity: String, _ fields: [String: Value], _ kind: String) -> EventRecord {
      var record = event(fields, kind: kind)
      record.primaryField = entity
      return record
    }
    switch scenario {
    case "auth.password-spraying": return of("src_ip", ["src_ip": .text("10.0.0.1")], "login")
    case "quality.dead-letters":
      return of(
        "file", ["file": .text("a.csv"), "reason": .text("column_count")], "dead_letter")
    case "access.device-exfiltration":
      return of("device", ["user": .text("ana"), "device": .text("USB-1")], "connect")
    case "fraud.compromised-terminal":
      return of("terminal", ["terminal": .text("T1"), "amount": .number(20)], "transaction")
    case "fraud.takeover-cash-out":
      return of("user", ["user": .text("ana"), "amount": .number(20)], "transaction")
    case "fraud.mule-account":
      return of("account", ["account": .text("A1"), "amount": .number(20)], "transaction")
    default: break
    }
    switch String(scenario.prefix { $0 != "." }) {
    case "auth":
      return of(
        "user",
        [
          "user": .text("ana"), "device": .text("PC-1"), "country": .text("PT"),
          "outcome": .text("success"),
        ], "login")
    case "fraud": return of("card", ["card": .text("4711"), "amount": .number(20)], "transaction")
    default: return of("series", ["series": .text("cpu"), "value": .number(30)], "metric")
    }
  }
}
