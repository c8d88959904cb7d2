import Cases
import Detection
import Foundation
import GRDB
import Primitives
import Testing

@testable import Store

/// The audit chain, and what becomes of it when somebody meddles.
struct AuditTests {
  private let folder: Folder
  private var path: String { folder.path + "/moonwatch.db" }

  init() throws { folder = try Folder() }

  private func pen(_ name: String = "ana", at minute: Int64 = 0) -> AuditPen {
    AuditPen(Actor(.person, name, account: "root"), now: { afternoon + .minutes(minute) })
  }

  /// Seven records: four of a run with two alerts, then three of people.
  private func fill() throws {
    let database = try Store.Database.open(dataDirectory: folder.path)
    let program = AlertStore(database, pen: pen("run"))
    let run = try program.begin(aRun)
    try program.write([NewAlert(alert(1)), NewAlert(alert(2))], run: run)
    try program.finish(run: run, digest: "d", events: 3)
    let ana = AlertStore(database, pen: pen("ana", at: 5))
    try ana.close(alert(1).id, .benign, note: "a drill\u{1F525}", at: afternoon)
    try ana.reopen(alert(1).id)
    let ben = AlertStore(database, pen: pen("ben", at: 9))
    try ben.close(alert(1).id, .truePositive, at: afternoon)
    try ben.close(alert(2).id, .duplicate, note: "", at: afternoon)
  }

  private func verdict(_ anchor: String? = nil) throws -> AuditVerdict {
    let database = try Store.Database.open(dataDirectory: folder.path, access: .readOnly)
    return try AuditLog(database).verify(anchor: anchor.flatMap(AuditAnchor.init))
  }

  private func kept() throws -> [AuditRecord] {
    try AuditLog(
      Store.Database.open(dataDirectory: folder.path, access: .readOnly)
    ).records(AuditLog.Filter())
  }

  private func meddle(_ statements: String...) throws { try tamper(path, statements) }

  @Test("Every change is written down with who, when, what, before and after")
  func records() throws {
    try fill()
    let log = AuditLog(try Store.Database.open(dataDirectory: folder.path, access: .readOnly))
    let records = try log.records(AuditLog.Filter())
    #expect(records.map(\.number) == [7, 6, 5, 4, 3, 2, 1])
    #expect(
      records.map(\.action) == [
        "alert.close", "alert.close", "alert.reopen", "alert.close", "run.finish", "alert.raise",
        "run.begin",
      ])
    #expect(records.map(\.actor.name) == ["ben", "ben", "ana", "ana", "run", "run", "run"])
    #expect(records.allSatisfy { $0.actor.account == "root" })
    #expect(records[3].subject == alert(1).id && records[3].kind == "alert")
    #expect(records[3].note == "a drill\u{1F525}" && records[3].time == afternoon + .minutes(5))
    #expect(records[3].before?.contains(#""status":"open""#) == true)
    #expect(records[3].after?.contains(#""disposition":"benign""#) == true)
    #expect(records[6].after == #"{"command":"detect day.jsonl","input":"day.jsonl"}"#)

    var filter = AuditLog.Filter()
    filter.who = "ana"
    #expect(try log.records(filter).map(\.number) == [5, 4])
    filter.action = "alert"
    filter.limit = 1
    #expect(try log.records(filter).map(\.number) == [5])
    filter = AuditLog.Filter()
    filter.action = "alert.reopen"
    #expect(try log.records(filter).map(\.number) == [5])
    filter = AuditLog.Filter()
    filter.since = afternoon + .minutes(5)
    filter.until = afternoon + .minutes(9)
    #expect(try log.records(filter).map(\.number) == [5, 4])
    filter = AuditLog.Filter()
    filter.subject = String(alert(2).id)
    #expect(try log.records(filter).map(\.number) == [7])
  }

  @Test("A change that fails leaves no record, and a record that fails no change")
  func together() throws {
    try fill()
    let database = try Store.Database.open(dataDirectory: folder.path)
    let store = AlertStore(database, pen: pen())
    #expect(throws: Failure.self) { try store.close(alert(1).id, .benign, at: afternoon) }
    #expect(throws: Failure.self) { try store.write([NewAlert(alert(3))], run: 99) }
    #expect(try verdict().records == 7)
    try meddle("UPDATE audit_head SET n = 3")
    #expect(throws: Failure.self) { try store.reopen(alert(1).id) }
    #expect(try store.alert(alert(1).id).status == .closed)
  }

  @Test("The database refuses to change or remove a record, to leave one out and to move the head")
  func guarded() throws {
    try fill()
    let queue = try DatabaseQueue(path: path)
    for sql in [
      "UPDATE audit SET actor = 'eve' WHERE n = 4", "DELETE FROM audit WHERE n = 7",
      "DELETE FROM audit", "UPDATE audit_head SET n = 6", "DELETE FROM audit_head",
      "INSERT INTO audit SELECT 9, time, actor_kind, actor, account, action, kind, subject, before, after, note, seal, seal FROM audit WHERE n = 7",
      "INSERT OR REPLACE INTO audit SELECT n, time, actor_kind, 'eve', account, action, kind, subject, before, after, note, previous, seal FROM audit WHERE n = 7",
    ] {
      #expect(throws: DatabaseError.self, "\(sql)") {
        try queue.write { try $0.execute(sql: sql) }
      }
    }
    #expect(try verdict().isWhole)
    #expect(try verdict().records == 7)
  }

  @Test("An empty audit is whole, and so is one that was written")
  func whole() throws {
    _ = try Store.Database.open(dataDirectory: folder.path)
    #expect(try verdict() == AuditVerdict())
    try fill()
    let whole = try verdict()
    #expect(whole.isWhole && whole.records == 7)
    #expect(try verdict("7:\(hexadecimal(whole.seal))").isWhole)
  }

  @Test(
    "A change in any column is found at its record",
    arguments: [
      "time = time + 1", "actor_kind = 'system'", "actor = 'bna'", "account = 'roou'",
      "action = 'alert.clos'", "kind = 'alers'", "subject = subject || 'x'", "before = NULL",
      "before = before || ' '", "after = replace(after, 'benign', 'ben1gn')", "note = NULL",
      "note = 'a drill'", "note = CAST(CAST(note AS BLOB) || x'00' AS TEXT)",
      "previous = zeroblob(32)", "seal = zeroblob(32)", "seal = x''",
    ])
  func columns(change: String) throws {
    try fill()
    try meddle("UPDATE audit SET \(change) WHERE n = 4")
    let found = try verdict()
    #expect(found.problem?.record == 4)
    #expect(
      found.problem?.what == "it was changed or moved: its content does not give its seal"
        || found.problem?.what
          == "it was changed: a field is not of the kind that it was written as"
    )
    #expect(found.records == 3)
  }

  @Test("A flip of any bit class of any byte of a record as it lies in the file is found")
  func bytes() throws {
    try fill()
    try meddle()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    // The fourth record's texts lie one after the other; its last column is the seal.
    let texts = try #require(whole.range(of: Data("personanarootalert.close".utf8)))
    let sealed = try #require(try kept().first { $0.number == 4 }?.seal)
    let seal = try #require(whole.range(of: Data(sealed), in: texts.upperBound..<whole.endIndex))
    // Thirteen serial types, the header's length and eight bytes of time stand before the texts.
    let from = texts.lowerBound - 8 - 14
    let to = seal.upperBound
    #expect((200..<400).contains(to - from))
    var missed: [Int] = []
    for place in from..<to {
      for mask: UInt8 in [0x01, 0x20, 0x80] {
        var bytes = whole
        bytes[place] ^= mask
        try bytes.write(to: URL(fileURLWithPath: path))
        let found = try verdict().problem?.record
        if found != 4 { missed.append(place - from) }
      }
    }
    #expect(missed == [])
    try whole.write(to: URL(fileURLWithPath: path))
    #expect(try verdict().isWhole)
  }

  @Test("Removed, reordered, replaced and cut records are found where the chain breaks")
  func structure() throws {
    try fill()
    let good = try Data(contentsOf: URL(fileURLWithPath: path))
    func broken(_ statements: String...) throws -> AuditVerdict.Problem? {
      try good.write(to: URL(fileURLWithPath: path))
      for sql in statements { try meddle(sql) }
      return try verdict().problem
    }
    #expect(
      try broken("DELETE FROM audit WHERE n = 4") == .init(record: 4, what: "it is missing"))
    #expect(
      try broken("DELETE FROM audit WHERE n IN (1, 2, 3)")
        == .init(record: 1, what: "it and those to 3 are missing"))
    let moved = "it was changed or moved: its content does not give its seal"
    #expect(
      try broken(
        "UPDATE audit SET n = -1 WHERE n = 4", "UPDATE audit SET n = 4 WHERE n = 5",
        "UPDATE audit SET n = 5 WHERE n = -1") == .init(record: 4, what: moved))
    #expect(
      try broken("DELETE FROM audit WHERE n = 4", "UPDATE audit SET n = n - 1 WHERE n > 4")
        == .init(record: 4, what: moved))
    #expect(
      try broken("DELETE FROM audit WHERE n = 7")
        == .init(record: 7, what: "it is missing at the end"))
    #expect(
      try broken("DELETE FROM audit WHERE n > 3")
        == .init(record: 4, what: "it and those to 7 are missing at the end"))
    #expect(
      try broken("DELETE FROM audit")
        == .init(record: 1, what: "it and those to 7 are missing at the end"))
    #expect(
      try broken("DELETE FROM audit_head")?.what
        == "the head is gone: records may be missing at the end")
    #expect(
      try broken("UPDATE audit_head SET seal = zeroblob(32)")?.what
        == "the head does not tell of it: the head was changed")
    #expect(try broken("UPDATE audit_head SET n = 3")?.record == 7)
  }

  @Test(
    "A record with a seal computed anew breaks the chain after it; with all after it, only an anchor tells"
  )
  func forged() throws {
    try fill()
    let seal = hexadecimal(try verdict().seal)
    func forge(_ numbers: ClosedRange<Int64>) throws {
      var log = try kept().sorted { $0.number < $1.number }
      var sql: [String] = []
      for index in log.indices where numbers.contains(log[index].number) {
        if log[index].number == numbers.lowerBound { log[index].actor.name = "eve" }
        let record = log[index]
        let texts: [String?] = [
          record.actor.kind.rawValue, record.actor.name, record.actor.account, record.action,
          record.kind, record.subject, record.before, record.after, record.note,
        ]
        let previous = log[index - 1].seal
        log[index].seal = AuditSeal.of(
          number: record.number, time: record.time.microseconds,
          texts: texts.map { $0.map { Array($0.utf8) } }, previous: previous)
        sql.append(
          """
          UPDATE audit SET actor = '\(record.actor.name)', previous = x'\(hexadecimal(previous))',
            seal = x'\(hexadecimal(log[index].seal))' WHERE n = \(record.number);
          UPDATE audit_head SET seal = (SELECT seal FROM audit WHERE n = 7)
          """)
      }
      try meddle(sql.joined(separator: ";\n"))
    }
    try forge(4...4)
    #expect(
      try verdict().problem
        == .init(
          record: 5,
          what: "it does not follow on the record before it: one of them was replaced or moved"))
    try forge(4...7)
    #expect(try verdict().isWhole)
    #expect(
      try verdict("7:\(seal)").problem
        == .init(
          record: 7,
          what: "it is not the one that was expected: the chain was made anew up to it or before it"
        ))
    #expect(
      try verdict("8:\(seal)").problem?.what == "record 8, which was there, is missing")
  }

  @Test("An alert that stands otherwise than its records say is named, with what each says")
  func standing() throws {
    try fill()
    func wrong(_ sql: String, undo: String) throws -> [AuditVerdict.Mismatch] {
      try meddle(sql)
      let found = try verdict()
      #expect(found.problem == nil && found.isWhole == found.mismatches.isEmpty)
      try meddle(undo)
      #expect(try verdict().isWhole)
      return found.mismatches
    }
    let (one, two) = (alert(1).id, alert(2).id)
    #expect(
      try wrong(
        "UPDATE alerts SET disposition = 'benign' WHERE id = '\(one)'",
        undo: "UPDATE alerts SET disposition = 'true_positive' WHERE id = '\(one)'") == [
          .init(
            kind: .alert, id: one,
            what: "it stands as resolved as benign, but record 6 left it resolved as true positive")
        ])
    #expect(
      try wrong(
        "UPDATE alerts SET assignee = 'eve' WHERE id = '\(two)'",
        undo: "UPDATE alerts SET assignee = NULL WHERE id = '\(two)'"
      ).map(\.id) == [two])
    // Not the state alone, nor an alert that nobody decided about.
    let database = try Store.Database.open(dataDirectory: folder.path)
    try AlertStore(database, pen: pen()).write([NewAlert(alert(3))], run: aRun)
    #expect(
      try wrong(
        "UPDATE alerts SET status = 'closed', closed = 1 WHERE id = '\(alert(3).id)'",
        undo: "UPDATE alerts SET status = 'open', closed = NULL WHERE id = '\(alert(3).id)'") == [
          .init(
            kind: .alert, id: alert(3).id,
            what: "it stands as new (closed), but no record tells of it, so it is new")
        ])
  }

  @Test("An alert that left and was raised again begins anew for the audit")
  func again() throws {
    try fill()
    let database = try Store.Database.open(dataDirectory: folder.path)
    let late = AlertStore(database, pen: pen("run", at: 60 * 24 * 40))
    let limits = KeepingLimits(span: .days(30), bytes: 1 << 30)
    #expect(try late.leave(limits, at: afternoon + .days(40)).alerts == 2)
    let run = try late.begin(aRun)
    try late.write([NewAlert(alert(1))], run: run, at: afternoon + .days(41))
    #expect(try verdict().isWhole)
    try AlertStore(database, pen: pen("ana", at: 60 * 24 * 42)).acknowledge(alert(1).id)
    #expect(try verdict().isWhole)
    try meddle("UPDATE alerts SET state = 'new'")
    #expect(try verdict().mismatches.map(\.id) == [alert(1).id])
  }

  @Test("Columns that say otherwise than the alert are named with both")
  func columns() throws {
    try fill()
    func changed() throws -> [String] {
      let database = try Store.Database.open(dataDirectory: folder.path, access: .readOnly)
      return try AlertStore(database).changedColumns(of: alert(1).id).map {
        "\($0.column): \($0.kept), not \($0.alert)"
      }
    }
    #expect(try changed() == [])
    try meddle("UPDATE alerts SET message = 'hacked', score = 0.1")
    #expect(try changed() == ["score: 0.1, not missing", "message: hacked, not message"])
  }

  @Test("A guard that was removed is told")
  func unguarded() throws {
    try fill()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "DROP TRIGGER audit_never_shrinks") }
    try queue.close()
    #expect(
      try verdict().problem?.what
        == "the trigger 'audit_never_shrinks' is gone: nothing keeps records from being changed any more"
    )
  }

  @Test(
    "An anchor is a number and at least 16 digits",
    arguments: [
      "", "7", "7:", "7:abc", "x:0123456789abcdef", "0:0123456789abcdef", "7:0123456789abcdeG",
      "7:0123456789abcdef:1",
    ])
  func anchors(text: String) {
    #expect(AuditAnchor(text) == nil)
    #expect(AuditAnchor("7:0123456789abcdef") != nil)
  }

  @Test(
    "People decide beside a process that judges; two do not judge, and an old database is not brought up under one"
  )
  func beside() throws {
    let judging = try Store.Database.open(dataDirectory: folder.path)
    let run = try AlertStore(judging).begin(aRun)
    try AlertStore(judging).write((0..<40).map { NewAlert(alert($0)) }, run: run)
    try DispatchQueue.concurrentPerformThrowing(4) { part in
      if part == 0 {
        for number in 40..<80 {
          try AlertStore(judging).write([NewAlert(alert(number))], run: run)
        }
      } else {
        let deciding = try Store.Database.open(dataDirectory: folder.path, access: .change)
        for number in stride(from: part - 1, to: 39, by: 3) {
          try AlertStore(deciding).close(alert(number).id, .benign, at: afternoon)
        }
      }
    }
    #expect(throws: Failure.self) { try Store.Database.open(dataDirectory: folder.path) }
    let counts = try AlertStore(judging).counts()
    #expect(counts.total == 80 && counts.open == 41)
    let found = try AuditLog(judging).verify()
    #expect(found.isWhole && found.records == 1 + 1 + 40 + 39)
  }
}

extension DispatchQueue {
  /// Runs the parts at once; throws what the first of them threw.
  fileprivate static func concurrentPerformThrowing(
    _ count: Int, _ body: @Sendable (Int) throws -> Void
  ) throws {
    let errors = Failures()
    concurrentPerform(iterations: count) { part in
      do { try body(part) } catch { errors.add(error) }
    }
    if let first = errors.first { throw first }
  }

  private final class Failures: @unchecked Sendable {
    // Unchecked: the lock guards the list.
    private let lock = NSLock()
    private var list: [any Error] = []
    func add(_ error: any Error) { lock.withLock { list.append(error) } }
    var first: (any Error)? { lock.withLock { list.first } }
  }
}
