import Detection
import Primitives
import Testing

@testable import Cases

@Suite("Which findings are one alert, where a rule or a row says so") struct DedupTests {
  private func judge(rule: Dedup? = nil, row: Dedup? = nil) -> Judge {
    var mappings = seven
    mappings[0].rows[2].dedup = row
    return Judge(
      policy: Judge.Policy(
        mappings: mappings, owners: owners, dedup: rule.map { ["auth.burst": $0] } ?? [:]))
  }

  private func seen(
    _ id: String, at minutes: Int64, user: String = "ana", address: String? = nil,
    by ruleID: String = "auth.burst"
  ) -> Evidence {
    evidence(
      id, at: afternoon + .minutes(minutes), user: user,
      fields: address.map { ["src_ip": .text($0)] } ?? [:], found: [rule(ruleID)])
  }

  @Test("By a field, findings about several entities are one alert, and counted as its evidence")
  func byField() throws {
    var judge = judge(rule: Dedup(by: ["src_ip"], within: .hours(1)))
    let alert = try #require(judge.judge(seen("e1", at: 0, user: "ana", address: "1.2.3.4")).alert)
    let joined = try #require(
      judge.judge(seen("e2", at: 30, user: "ben", address: "1.2.3.4")).joined)
    #expect(joined.alertID == alert.id && joined.count == 1)
    #expect(joined.finding?.reason == .joined && joined.finding?.entity?.value == "ben")
    #expect(judge.judge(seen("e3", at: 31, user: "ben", address: "5.6.7.8")).alert != nil)
    // What lacks the field is told apart by its entity, and joins none of those that have it.
    #expect(judge.judge(seen("e4", at: 32)).alert != nil)
    #expect(judge.judge(seen("e5", at: 33)).joined != nil)
  }

  @Test("Its window slides, and holds instead of the setting's")
  func within() {
    var judge = judge(rule: Dedup(within: .minutes(10)))
    #expect(judge.judge(seen("e1", at: 0)).alert != nil)
    #expect(judge.judge(seen("e2", at: 10)).joined != nil)
    #expect(judge.judge(seen("e3", at: 20)).joined != nil)
    #expect(judge.judge(seen("e4", at: 31)).alert != nil)
    // A window longer than a day is not cut at a day.
    var patient = self.judge(rule: Dedup(within: .days(3)))
    #expect(patient.judge(seen("e1", at: 0)).alert != nil)
    #expect(patient.judge(seen("e2", at: 2 * 1440)).joined != nil)
  }

  @Test("What a mapping row declares joins whichever rule found it, and comes before the rule's")
  func ofRow() {
    var plain = judge()
    #expect(plain.judge(seen("e1", at: 0)).alert != nil)
    #expect(plain.judge(seen("e2", at: 1, by: "auth.other")).alert != nil)
    var judge = judge(rule: Dedup(within: .minutes(1)), row: Dedup(within: .hours(2)))
    #expect(judge.judge(seen("e1", at: 0)).alert != nil)
    #expect(judge.judge(seen("e2", at: 60, by: "auth.other")).joined != nil)
    #expect(judge.judge(seen("e3", at: 170)).joined != nil)
  }

  @Test("A finding without an entity joins by fields alone")
  func nobody() {
    func seen(_ id: String) -> Evidence {
      evidence(id, user: nil, fields: ["src_ip": .text("1.2.3.4")])
    }
    var plain = judge()
    #expect(plain.judge(seen("e1")).alert != nil && plain.judge(seen("e2")).alert != nil)
    var judge = judge(rule: Dedup(by: ["src_ip"]))
    #expect(judge.judge(seen("e1")).alert != nil && judge.judge(seen("e2")).joined != nil)
  }
}
