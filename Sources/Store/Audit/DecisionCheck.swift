import Cases
import GRDB
import Primitives

/// Whether what people decided about more than one alert stands as its records say: mutes, merges and splits, and risks.
enum DecisionCheck {
  /// A decision in words, part by part: of a record and of a row they are the same.
  private struct Decision {
    var id: String
    var parts: [String]
    /// The newest that tells of it.
    var record: Int64 = 0

    var words: String {
      AlertRows.column(parts.filter { !$0.isEmpty }.joined(separator: ", "))
    }
  }

  static func mismatches(_ database: GRDB.Database) throws -> [AuditVerdict.Mismatch] {
    try mutes(database) + edits(database) + overrides(database)
  }

  private static func mutes(_ database: GRDB.Database) throws -> [AuditVerdict.Mismatch] {
    var told: [Decision] = []
    for record in try records("mute", database) {
      let until = record.after["until"]?.text ?? ""
      if record.action == "mute.add" {
        let words = ["entity", "rule", "from"].map { record.after[$0]?.text ?? "" }
        told.append(
          Decision(
            id: record.subject, parts: words + [until, record.note], record: record.number))
      } else if let place = told.firstIndex(where: { $0.id == record.subject }) {
        told[place].parts[3] = until
        told[place].record = record.number
      }
    }
    let rows = try Row.fetchAll(database, sql: "SELECT * FROM mutes ORDER BY id")
    return compare(
      .mute, told,
      rows.map { row in
        Decision(
          id: "\(row["id"] as Int64)",
          parts: [
            entity(row, "entity_field", "entity"), (row["rule"] as String?) ?? "",
            time(row["start"]), time(row["until"]), row["reason"],
          ])
      })
  }

  /// Rows have no number that records know: the first row is what the first record tells of.
  private static func edits(_ database: GRDB.Database) throws -> [AuditVerdict.Mismatch] {
    let told = try records("incident", database).map { record in
      let ids = record.after["alerts"]?.texts ?? []
      return Decision(
        id: record.subject,
        parts: [String(record.action.dropFirst("incident.".count))] + ids + [record.note],
        record: record.number)
    }
    let rows = try Row.fetchAll(database, sql: "SELECT * FROM incident_edits ORDER BY id")
    return compare(
      .incident, told,
      rows.map { row in
        let ids = AuditValues.read(row["alerts"]).texts ?? []
        return Decision(id: ids.min() ?? "", parts: [row["word"]] + ids + [row["note"]])
      })
  }

  private static func overrides(_ database: GRDB.Database) throws -> [AuditVerdict.Mismatch] {
    var told: [Decision] = []
    var ended: [String: Int64] = [:]
    for record in try records("entity", database) {
      if record.action == "entity.clear" {
        ended[record.subject, default: 0] += record.after["ended"]?.integer ?? 0
        continue
      }
      let hundredths = record.after["hundredths"]?.integer.map(String.init) ?? ""
      told.append(
        Decision(
          id: record.subject,
          parts: [record.subject, hundredths, record.after["until"]?.text ?? "", record.note],
          record: record.number))
    }
    let rows = try Row.fetchAll(database, sql: "SELECT * FROM entity_overrides ORDER BY id")
    var found = compare(
      .entity, told,
      rows.map { row in
        let name = entity(row, "field", "value")
        return Decision(
          id: name, parts: [name, "\(row["hundredths"] as Int64)", time(row["until"]), row["note"]])
      })
    for row in rows where (row["cleared"] as Int64?) != nil {
      ended[entity(row, "field", "value"), default: 0] -= 1
    }
    for (name, count) in ended.sorted(by: { $0.key < $1.key }) where count != 0 {
      found.append(
        .init(
          kind: .entity, id: name,
          what: count > 0
            ? "a risk that the records end still holds"
            : "a risk that was set is ended, and no record tells of that"))
    }
    return found
  }

  /// Each row against the record in its place; a row or a record too many is told of as such.
  private static func compare(
    _ kind: AuditVerdict.Mismatch.Kind, _ told: [Decision], _ rows: [Decision]
  ) -> [AuditVerdict.Mismatch] {
    var found: [AuditVerdict.Mismatch] = []
    let differences = rows.map(\.words).difference(from: told.map(\.words))
    var changed: Set<Int> = []
    for case .insert(let place, _, _) in differences {
      // A row that stands where a record has lost its own was changed; any other was added.
      let record = told.indices.first { index in
        !changed.contains(index) && told[index].id == rows[place].id
          && differences.removals.contains { $0.offset == index }
      }
      guard let record else {
        found.append(.init(kind: kind, id: rows[place].id, what: "no record tells of it"))
        continue
      }
      changed.insert(record)
      let one = told[record]
      found.append(
        .init(
          kind: kind, id: one.id,
          what: "it is (\(rows[place].words)), and record \(one.record) made it (\(one.words))"))
    }
    for case .remove(let place, _, _) in differences where !changed.contains(place) {
      let one = told[place]
      found.append(
        .init(
          kind: kind, id: one.id,
          what: "it is gone: record \(one.record) made it (\(one.words))"))
    }
    return found
  }

  private static func records(
    _ kind: String, _ database: GRDB.Database
  ) throws -> [(number: Int64, action: String, subject: String, after: JSONValue, note: String)] {
    try Row.fetchAll(
      database, sql: "SELECT n, action, subject, after, note FROM audit WHERE kind = ? ORDER BY n",
      arguments: [kind]
    ).map { row in
      (
        row["n"], row["action"], row["subject"], AuditValues.read(row["after"]),
        (row["note"] as String?) ?? ""
      )
    }
  }

  private static func entity(_ row: Row, _ field: String, _ value: String) -> String {
    "\(row[field] as String)=\(row[value] as String)"
  }

  private static func time(_ microseconds: Int64) -> String {
    Timestamp(microseconds: microseconds).description
  }
}

extension CollectionDifference.Change {
  fileprivate var offset: Int {
    switch self {
    case .insert(let offset, _, _), .remove(let offset, _, _): offset
    }
  }
}
