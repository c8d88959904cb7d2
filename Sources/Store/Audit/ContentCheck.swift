import Cases
import Detection
import Foundation
import GRDB
import Primitives

/// Whether the alerts that were raised are there, and say what they said then.
enum ContentCheck {
  private struct Raised {
    var seal: String
    var record: Int64
  }

  /// In order of id.
  static func mismatches(_ database: GRDB.Database) throws -> [AuditVerdict.Mismatch] {
    var (raised, unnamed) = try records(database)
    var found: [AuditVerdict.Mismatch] = []
    func tell(_ id: String, _ what: String) {
      found.append(AuditVerdict.Mismatch(kind: .alert, id: id, what: what))
    }
    let alerts = try Row.fetchCursor(
      database,
      sql: """
        SELECT alerts.*, CAST(alerts.json AS BLOB) AS line, CAST(features.json AS BLOB) AS frozen,
          EXISTS (SELECT 1 FROM audit WHERE kind = 'run' AND subject = CAST(alerts.run AS TEXT)
            AND action = 'run.begin') AS is_told,
          (SELECT max(severity) FROM suppressed WHERE suppressed.alert = alerts.id) AS kept_severity
        FROM alerts LEFT JOIN features ON features.alert = alerts.id ORDER BY alerts.id
        """)
    while let row = try alerts.next() {
      let id: String = row["id"]
      guard let known = raised.removeValue(forKey: id) else {
        let (run, isTold): (Int64, Bool) = (row["run"], row["is_told"])
        if isTold && !unnamed.contains("\(run)") { tell(id, "no record tells that it was raised") }
        continue
      }
      let line = bytes(row, "line") ?? []
      if ContentSeal.ofAlert(line: line, frozen: bytes(row, "frozen")) != known.seal {
        tell(id, "what it says is not what record \(known.record) raised")
        continue
      }
      if let wrong = try AlertRows.differences(row).first {
        tell(
          id,
          "its column '\(wrong.column)' says '\(wrong.kept)', and what was raised '\(wrong.alert)'")
      } else if let wrong = raisedSeverity(row) {
        tell(id, wrong)
      }
    }
    for (id, known) in raised.sorted(by: { $0.key < $1.key }) {
      tell(id, "it is gone: record \(known.record) raised it, and none tells that it left")
    }
    return found.sorted { $0.id < $1.id }
  }

  /// What the records say of alerts that should be there, and the runs of which an earlier version named none.
  private static func records(
    _ database: GRDB.Database
  ) throws -> (raised: [String: Raised], unnamed: Set<String>) {
    var raised: [String: Raised] = [:]
    var unnamed: Set<String> = []
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT n, action, subject, after FROM audit
        WHERE action IN ('alert.raise', 'retention.leave') ORDER BY n
        """)
    while let row = try rows.next() {
      let after = AuditValues.read(row["after"])
      if row["action"] == "retention.leave" {
        for id in after["left"]?.texts ?? [] { raised[id] = nil }
        continue
      }
      guard let pairs = after["raised"]?.list else {
        unnamed.insert(row["subject"])
        continue
      }
      for pair in pairs {
        if let texts = pair.texts, texts.count == 2 {
          raised[texts[0]] = Raised(seal: texts[1], record: row["n"])
        }
      }
    }
    return (raised, unnamed)
  }

  /// What is wrong with the severity that its findings make of an alert. It only ever rises, and a finding may be counted with
  /// another alert later, so that it may be above those that are kept now; the scores rise alike.
  private static func raisedSeverity(_ row: Row) -> String? {
    let own: Int = row["severity"]
    let highest: Int = row["highest_severity"]
    let joined: Int = row["joined"]
    let most = max(own, (row["kept_severity"] as Int?) ?? own)
    if highest >= most && highest <= (joined == 0 ? most : Severity.critical.rawValue) {
      return nil
    }
    return "its highest severity is \(highest), and that of what was found \(most)"
  }

  private static func bytes(_ row: Row, _ column: String) -> [UInt8]? {
    (row[column] as Data?).map(Array.init)
  }
}
