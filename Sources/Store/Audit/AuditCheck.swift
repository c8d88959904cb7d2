import Cases
import Foundation
import GRDB
package import Primitives

/// What became of the audit chain: whole, or where it first breaks.
package struct AuditVerdict: Hashable, Sendable {
  /// Records that follow on each other from the first on.
  package var records: Int64 = 0
  /// The seal of the last of them.
  package var seal = AuditSeal.first
  /// Missing where the chain is whole.
  package var problem: Problem?
  /// What does not stand as the chain says; asked only of a whole chain.
  package var mismatches: [Mismatch] = []

  /// What was changed, removed or added past the audit.
  package struct Mismatch: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case alert, findings, mute, incident, entity }

    package var kind: Kind
    /// The alert's or the mute's; of an incident one of its alerts, of an entity its name.
    package var id: String
    package var what: String

    package init(kind: Kind, id: String, what: String) {
      self.kind = kind
      self.id = id
      self.what = what
    }
  }

  package struct Problem: Hashable, Sendable {
    /// The number of the first record that is not as it was written, or is not there.
    package var record: Int64
    package var what: String
  }

  package var isWhole: Bool { problem == nil && mismatches.isEmpty }
}

/// A record that somebody wrote down elsewhere: the only way to notice a chain that was made anew as a whole.
package struct AuditAnchor: Hashable, Sendable {
  package var number: Int64
  /// Hexadecimal digits, at least 16 of 64.
  package var seal: String

  /// Reads `124:5f0c…`.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int64(parts[0]), number > 0,
      (16...64).contains(parts[1].utf8.count),
      parts[1].utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
    else { return nil }
    self.number = number
    seal = String(parts[1])
  }
}

extension AuditLog {
  /// Computes every seal again, from the first record to the last, and holds the last against the head.
  ///
  /// Found are: a byte of a record that changed, a record that is gone or stands elsewhere, an end that was cut off,
  /// guards that were removed, and what the records tell of where it was changed, removed or added past them: what alerts say
  /// and where they stand, findings that were kept, mutes, merges and splits, risks that people set. Not found is what
  /// nobody can find from the file alone: a chain that was computed anew from some record on, head included; an anchor from
  /// before shows that, too.
  package func verify(anchor: AuditAnchor? = nil) throws(Failure) -> AuditVerdict {
    var verdict = AuditVerdict()
    do throws(Failure) {
      try database.read { try AuditLog.follow($0, &verdict, anchor) }
    } catch {
      guard error.message == StoreFailures(path: database.path).damaged.message else { throw error }
      verdict.problem = .init(
        record: verdict.records + 1, what: "it cannot be read: the database is damaged there")
    }
    return verdict
  }

  private static let texts = [
    "actor_kind", "actor", "account", "action", "kind", "subject", "before", "after", "note",
  ]

  private static func follow(
    _ database: GRDB.Database, _ verdict: inout AuditVerdict, _ anchor: AuditAnchor?
  ) throws {
    // Bytes as they lie there: a text would be read as something else where they are no UTF-8.
    let casts = (texts + ["previous", "seal"]).map { "CAST(\($0) AS BLOB) AS \($0)" }
    let kinds = (["time"] + texts + ["previous", "seal"]).map { "typeof(\($0))" }
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT n, time, \(casts.joined(separator: ", ")),
          \(kinds.joined(separator: " || ' ' || ")) AS kinds FROM audit ORDER BY n
        """)
    while let row = try rows.next() {
      let expected = verdict.records + 1
      let number = Int64.fromDatabaseValue(row["n"]) ?? 0
      if let what = fault(row, number: number, expected: expected, after: verdict.seal) {
        verdict.problem = .init(record: expected, what: what)
        return
      }
      verdict.records = number
      verdict.seal = bytes(row, "seal") ?? []
      if let anchor, anchor.number == number, !hexadecimal(verdict.seal).hasPrefix(anchor.seal) {
        verdict.problem = .init(
          record: number,
          what: "it is not the one that was expected: the chain was made anew up to it or before it"
        )
        return
      }
    }
    verdict.problem = try ending(database, verdict, anchor)
    guard verdict.problem == nil else { return }
    verdict.mismatches = try StandingCheck.mismatches(database)
    verdict.mismatches += try ContentCheck.mismatches(database)
    verdict.mismatches += try FindingSeals.mismatch(database).map { [$0] } ?? []
    verdict.mismatches += try DecisionCheck.mismatches(database)
  }

  /// What is wrong with a record that should follow on the seal, in words.
  private static func fault(
    _ row: Row, number: Int64, expected: Int64, after previous: [UInt8]
  ) -> String? {
    if number > expected {
      return number == expected + 1
        ? "it is missing" : "it and those to \(number - 1) are missing"
    }
    if number < expected { return "record \(number) stands in its place" }
    let kinds = (String.fromDatabaseValue(row["kinds"]) ?? "").split(separator: " ")
    let isFit =
      kinds.count == texts.count + 3 && kinds[0] == "integer"
      && kinds[1...6].allSatisfy { $0 == "text" }
      && kinds[7...9].allSatisfy { $0 == "text" || $0 == "null" }
      && kinds[10...].allSatisfy { $0 == "blob" }
    guard isFit, let time = Int64.fromDatabaseValue(row["time"]),
      let named = bytes(row, "previous"), let seal = bytes(row, "seal")
    else { return "it was changed: a field is not of the kind that it was written as" }
    let computed = AuditSeal.of(
      number: number, time: time, texts: texts.map { bytes(row, $0) }, previous: named)
    if computed != seal { return "it was changed or moved: its content does not give its seal" }
    if named != previous {
      return "it does not follow on the record before it: one of them was replaced or moved"
    }
    return nil
  }

  /// A blob of no bytes is a text of none; missing is only what is NULL.
  private static func bytes(_ row: Row, _ column: String) -> [UInt8]? {
    let value: DatabaseValue = row[column]
    if value.isNull { return nil }
    return Data.fromDatabaseValue(value).map(Array.init) ?? []
  }

  private static func ending(
    _ database: GRDB.Database, _ verdict: AuditVerdict, _ anchor: AuditAnchor?
  ) throws -> AuditVerdict.Problem? {
    let next = verdict.records + 1
    guard
      let head = try Row.fetchOne(
        database, sql: "SELECT n, CAST(seal AS BLOB) AS seal FROM audit_head")
    else { return .init(record: next, what: "the head is gone: records may be missing at the end") }
    let number = Int64.fromDatabaseValue(head["n"]) ?? -1
    if number > verdict.records {
      let rest = number == next ? "it is missing" : "it and those to \(number) are missing"
      return .init(record: next, what: "\(rest) at the end")
    }
    if number < verdict.records || bytes(head, "seal") != verdict.seal {
      return .init(
        record: max(1, verdict.records), what: "the head does not tell of it: the head was changed")
    }
    if let anchor, anchor.number > verdict.records {
      return .init(record: next, what: "record \(anchor.number), which was there, is missing")
    }
    for (table, name) in [("alerts", "alert"), ("mutes", "mute")] {
      let row = try Row.fetchOne(
        database, sql: "SELECT id, audit FROM \(table) WHERE audit > ? LIMIT 1",
        arguments: [verdict.records])
      if let row {
        let id = row["id"] as DatabaseValue
        return .init(
          record: next,
          what:
            "it is missing at the end, and so is its mark in the head: \(name) \(String.fromDatabaseValue(id) ?? id.description) tells of record \(row["audit"] as DatabaseValue)"
        )
      }
    }
    let guards = try String.fetchSet(
      database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
    if let gone = AuditSchema.triggers.first(where: { !guards.contains($0) }) {
      return .init(
        record: next,
        what: "the trigger '\(gone)' is gone: nothing keeps records from being changed any more")
    }
    return nil
  }
}
