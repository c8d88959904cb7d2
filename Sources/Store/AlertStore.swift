package import Cases
import Detection
import GRDB
package import Primitives

/// The alerts of a data directory: written once each, found again, closed by people.
package struct AlertStore: Sendable {
  let database: Database
  /// In whose name changes are made.
  let pen: AuditPen

  package init(_ database: Database, pen: AuditPen = .system("moonwatch")) {
    self.database = database
    self.pen = pen
  }

  // MARK: writing

  /// Writes a whole run in one transaction: all of it is there afterwards, or nothing. Gives the run's number.
  @discardableResult
  package func write(
    _ alerts: [NewAlert], joined: [Joined] = [], suppressed: [SuppressedFinding] = [],
    run: RunRecord
  ) throws(Failure) -> Int64 {
    try database.write { database in
      let number = try AlertRows.insert(run, pen, database)
      _ = try AlertStore.write(
        alerts, joined, suppressed, nil, run: number, at: run.started, pen, database)
      return number
    }
  }

  /// Begins a run whose alerts come in batches.
  package func begin(_ run: RunRecord) throws(Failure) -> Int64 {
    try database.write { try AlertRows.insert(run, pen, $0) }
  }

  /// Writes one batch of a run in one transaction.
  ///
  /// Writing an alert again changes nothing that people decided: while it is open its content is replaced, once closed
  /// it stays as it was closed. The count of joined findings is the judge's own and never falls.
  ///
  /// - Parameters:
  ///   - owed: escalations and playbooks that the alerts set off, and
  ///   - kept: the events of the batch, in the same transaction.
  ///   - now: from when on its alerts and events age; when the run began where missing.
  /// - Returns: the number of the last block of events that was written.
  @discardableResult
  package func write(
    _ alerts: [NewAlert], joined: [Joined] = [], suppressed: [SuppressedFinding] = [],
    owed: [OwedResponse] = [], kept: KeptEvents? = nil, run: Int64, at now: Timestamp? = nil
  ) throws(Failure) -> Int64? {
    try database.write { database in
      let begun =
        try now == nil
        ? Int64.fetchOne(database, sql: "SELECT started FROM runs WHERE id = ?", arguments: [run])
        : nil
      return try AlertStore.write(
        alerts, joined, suppressed, kept, owed, run: run,
        at: now ?? Timestamp(microseconds: begun ?? 0), pen, database)
    }
  }

  static func write(
    _ alerts: [NewAlert], _ joined: [Joined], _ suppressed: [SuppressedFinding],
    _ kept: KeptEvents?, _ owed: [OwedResponse] = [], run: Int64, at now: Timestamp,
    _ pen: AuditPen, _ database: GRDB.Database
  ) throws -> Int64? {
    if !alerts.isEmpty || !joined.isEmpty || !suppressed.isEmpty {
      try AlertRows.write(alerts, joined, suppressed, run: run, pen, database)
      for table in ["alerts", "suppressed"] {
        try database.execute(
          sql: "UPDATE \(table) SET written = ? WHERE written = 0", arguments: [now.microseconds])
      }
    }
    try ResponseStore.write(owed, at: now, database)
    return try kept.flatMap { try KeptRows.write($0, run: run, at: now, database) }
  }

  /// Ends a run that was begun.
  package func finish(run: Int64, digest: String?, events: Int) throws(Failure) {
    try database.write {
      try $0.execute(
        sql: "UPDATE runs SET digest = ?, events = ? WHERE id = ?",
        arguments: [digest, events, run])
      try FindingSeals.seal(force: true, pen, $0)
      try pen.record(
        Change(
          "run.finish", "run", "\(run)",
          after: [
            "events": .integer(Int64(events)), "alerts_digest": digest.map(JSONValue.text) ?? .null,
          ]), $0)
    }
  }

  // MARK: reading

  package func alerts(_ filter: AlertFilter = AlertFilter()) throws(Failure) -> [StoredAlert] {
    try database.read { database in
      let (condition, arguments) = AlertRows.condition(filter)
      var sql = "SELECT * FROM alerts \(condition) ORDER BY time DESC, id"
      if let limit = filter.limit { sql += " LIMIT \(max(0, limit))" }
      return try Row.fetchAll(database, sql: sql, arguments: arguments).map(AlertRows.stored)
    }
  }

  /// As `alerts`, from their columns: what is not kept in columns, the reasons, is left out. For lists, which do not show
  /// them: the JSON of thousands is neither read nor taken apart.
  package func alertsInBrief(_ filter: AlertFilter) throws(Failure) -> [StoredAlert] {
    try database.read { database in
      let (condition, arguments) = AlertRows.condition(filter)
      var sql = "SELECT \(BriefRows.columns) FROM alerts \(condition) ORDER BY time DESC, id"
      if let limit = filter.limit { sql += " LIMIT \(max(0, limit))" }
      var found: [StoredAlert] = []
      let rows = try Row.fetchCursor(database, sql: sql, arguments: arguments)
      while let row = try rows.next() { found.append(try BriefRows.stored(row)) }
      return found
    }
  }

  /// The alert with this id, or the only one whose id starts so.
  package func alert(_ idOrPrefix: String) throws(Failure) -> StoredAlert {
    try database.read { try AlertRows.only(idOrPrefix, $0) }
  }

  /// The features frozen with an alert; missing where none were kept.
  package func frozen(_ id: String) throws(Failure) -> FrozenEvidence? {
    try database.read { database in
      try String.fetchOne(
        database, sql: "SELECT json FROM features WHERE alert = ?", arguments: [id]
      ).map { try FrozenEvidence(Array($0.utf8)) }
    }
  }

  /// Counts all that the filter lets through; its limit is not looked at.
  package func counts(_ filter: AlertFilter = AlertFilter()) throws(Failure) -> AlertCounts {
    try database.read { database in
      let (condition, arguments) = AlertRows.condition(filter)
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT highest_severity, ifnull(mapping, '') AS mapping, count(*) AS n,
            sum(status = 'open') AS open, sum(joined) AS joined
          FROM alerts \(condition) GROUP BY 1, 2
          """, arguments: arguments)
      return try rows.reduce(into: AlertCounts()) { counts, row in
        let n: Int = row["n"]
        counts.total += n
        counts.open += row["open"]
        counts.joined += row["joined"]
        counts.bySeverity[try AlertRows.severity(row["highest_severity"]), default: 0] += n
        counts.byMapping[row["mapping"], default: 0] += n
      }
    }
  }

  /// Newest first.
  package func runs(limit: Int = 100) throws(Failure) -> [RunRecord] {
    try database.read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM runs ORDER BY id DESC LIMIT ?", arguments: [max(0, limit)]
      ).map { row in
        RunRecord(
          command: row["command"], started: Timestamp(microseconds: row["started"]),
          input: row["input"], digest: row["digest"], events: row["events"])
      }
    }
  }
}
