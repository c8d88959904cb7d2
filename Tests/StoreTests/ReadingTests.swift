import Cases
import Detection
import GRDB
import Primitives
import Testing

@testable import Store

@Suite("Reading many alerts")
struct ReadingTests {
  @Test(
    "Facts are read from an index alone, and a list from columns gives what the alert's JSON gives but the reasons"
  )
  func brief() throws {
    let folder = try Folder()
    let store = AlertStore(try Store.Database.open(dataDirectory: folder.path))
    var random = SeededRandom(seed: 4)
    let alerts = (0..<60).map { number in
      Alert(
        id: "\(String(number + 4096, radix: 16))00",
        time: Timestamp(microseconds: Int64(random.below(1 << 40))),
        eventID: "e\(number)", source: "s",
        entity: random.chance(0.8) ? Entity(field: "user", value: "u \"\(random.below(5))\"") : nil,
        kind: random.chance(0.5) ? .rule : .model, rule: random.chance(0.5) ? "a.b" : nil,
        score: random.chance(0.5) ? random.uniform() : nil, confidence: nil,
        severity: Severity.allCases[random.below(5)], title: "odd, ä", message: "m",
        reasons: [], category: "c", risk: .high, costUSD: 5.25, costPer: .minute,
        compliance: random.chance(0.5) ? ["SOC2", "PCI-DSS"] : [], action: "do", owner: "o",
        slaSeconds: 5, mapping: "row", recurrence: random.below(9), incident: "inc-\(number)",
        model: nil, pluginsDigest: "d")
    }
    try store.write(
      alerts.map { NewAlert($0) },
      run: RunRecord(command: "t", started: Timestamp(seconds: 5), input: ""))
    _ = try store.close(alerts[3].id, .benign, note: "n", at: Timestamp(seconds: 9))
    for filter in [AlertFilter(limit: nil), AlertFilter(severity: .high, limit: 7)] {
      #expect(try store.alertsInBrief(filter) == store.alerts(filter))
    }
    let plan = try store.database.read { database in
      try Row.fetchAll(
        database,
        sql: "EXPLAIN QUERY PLAN " + AlertFactRows.select
          + " WHERE a.time >= 0 ORDER BY a.time, a.id"
      ).map { row -> String in row["detail"] }
    }
    #expect(plan.contains { $0.contains("USING COVERING INDEX alerts_as_facts") }, "\(plan)")
    #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
  }

  @Test("An answer in SQL holds so much text and no more, however few its rows")
  func sqlText() throws {
    let folder = try Folder()
    _ = try Store.Database.open(dataDirectory: folder.path)
    let rows = try ReadOnlySQL(dataDirectory: folder.path).rows(
      """
      WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 50)
      SELECT x, printf('%.*c', 1048576, 'x') FROM n
      """, limit: 100, seconds: 60
    ) { false }
    #expect(rows.rows.count == 15 && rows.cut == .bytes)
  }

  @Test("Lists of texts are read whatever is in them")
  func texts() throws {
    for list in [[], ["a"], ["a", "b,c", "]["], ["\"", "\\", "ä\n"], ["", ""]] {
      #expect(try AlertFactRows.texts(AlertFactRows.list(list)) == list)
    }
    #expect(throws: (any Error).self) { try AlertFactRows.texts("[\"a\" \"b\"]") }
  }

  @Test(
    "Findings that a mute kept quiet leave when their time has come; those of an alert leave with it"
  )
  func leaving() throws {
    let folder = try Folder()
    let store = AlertStore(try Store.Database.open(dataDirectory: folder.path))
    let run = try store.begin(
      RunRecord(command: "t", started: Timestamp(seconds: 1), input: ""))
    func finding(_ id: String, alert: String?) -> SuppressedFinding {
      SuppressedFinding(
        id: id, reason: alert == nil ? .muted : .joined, alertID: alert,
        mute: alert == nil ? 1 : nil,
        time: Timestamp(seconds: 1), eventID: id, source: "s", entity: nil, rule: "r",
        severity: .low, message: "m")
    }
    let limits = KeepingLimits(span: .days(1), bytes: 1 << 30)
    let start = Timestamp(seconds: 1_000_000)
    try store.write(
      [], suppressed: [finding("a1", alert: nil), finding("a2", alert: "gone")], run: run, at: start
    )
    // A trigger takes what joined an alert: it is counted all the same.
    try store.write(
      [NewAlert(alert(7))],
      suppressed: [finding("b1", alert: alert(7).id), finding("b2", alert: alert(7).id)], run: run,
      at: start)
    try store.write([], suppressed: [finding("a3", alert: nil)], run: run, at: start + .days(1))
    #expect(try store.leave(limits, at: start + .hours(23)).findings == 0)
    let left = try store.leave(limits, at: start + .hours(25))
    #expect(left.alerts == 1 && left.findings == 4 && !left.hasMore)
    #expect(try store.suppressed(withAlert: alert(7).id).isEmpty)
    #expect(try store.alertsLeftBefore() == (start + .hours(1)).description)
    #expect(try store.suppressed(byMute: 1).map(\.id) == ["a3"])
  }
}
