import Cases
import Detection
import Foundation
import GRDB
import Primitives

@testable import Store

/// Sunday 1 March 2026, 14:00 UTC.
let afternoon = Timestamp(seconds: 1_772_373_600)

/// A folder that is gone when the test is.
final class Folder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "moonwatch-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("left behind: \(path)")
    }
  }
}

/// An alert whose id is the number in hexadecimal.
func alert(
  _ number: Int, at minute: Int64 = 0, user: String? = "ana", severity: Severity = .medium,
  rule: String = "r", mapping: String? = "m", title: String = "title", score: Double? = nil
) -> Alert {
  let digits = String(number, radix: 16)
  return Alert(
    id: String(repeating: "0", count: 20 - digits.count) + digits,
    time: afternoon + .minutes(minute), eventID: "e\(number)", source: "s",
    entity: user.map { Entity(field: "user", value: $0) }, kind: .rule, rule: rule, score: score,
    confidence: nil, severity: severity, title: title, message: "message",
    reasons: [Reason(feature: "f", value: 1, normal: nil, contribution: nil, text: "t")],
    category: "c", risk: .high, costUSD: 1, costPer: .day, compliance: ["A", "B"], action: "do",
    owner: "o", slaSeconds: 60, mapping: mapping, incident: "inc-\(user ?? "none")", model: nil,
    pluginsDigest: "p")
}

func joined(_ alert: Alert, count: Int, severity: Severity, score: Double? = nil) -> Joined {
  Joined(
    alertID: alert.id, findingID: "f", eventID: "e", time: alert.time, entity: alert.entity,
    mapping: alert.mapping, count: count, severity: severity, score: score)
}

let aRun = RunRecord(
  command: "detect day.jsonl", started: afternoon, input: "day.jsonl", digest: "d", events: 10)

/// What somebody does who has the file: no trigger stands in the way, and all of them are back afterwards.
func tamper(_ path: String, _ statements: [String]) throws {
  let queue = try DatabaseQueue(path: path)
  try queue.write { database in
    let guards = try Row.fetchAll(
      database, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    for row in guards { try database.execute(sql: "DROP TRIGGER \(row["name"] as String)") }
    for sql in statements { try database.execute(sql: sql) }
    for row in guards { try database.execute(sql: row["sql"]) }
  }
  try queue.close()
}
