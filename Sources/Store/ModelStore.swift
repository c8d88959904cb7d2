import Cases
import GRDB
package import Primitives

/// The models that were trained here: where each lies and what its training reported.
package struct ModelStore: Sendable {
  private let database: Database
  private let pen: AuditPen

  package init(_ database: Database, pen: AuditPen = .system("moonwatch")) {
    self.database = database
    self.pen = pen
  }

  /// The same model (name and digest) is kept once, with the newest path and report.
  package func record(_ model: ModelRecord) throws(Failure) {
    try database.write {
      try $0.execute(
        sql: """
          INSERT INTO models (name, path, digest, created, report) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (name, digest) DO UPDATE SET path = excluded.path, report = excluded.report
          """,
        arguments: [
          AlertRows.column(model.name), AlertRows.column(model.path), model.digest,
          model.created.microseconds, AlertRows.column(model.report),
        ])
      try pen.record(
        Change(
          "model.register", "model", model.name,
          after: ["path": .text(model.path), "digest": .text(model.digest)]), $0)
    }
  }

  /// Newest first.
  package func models() throws(Failure) -> [ModelRecord] {
    try database.read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM models ORDER BY created DESC, id DESC").map {
        ModelRecord(
          name: $0["name"], path: $0["path"], digest: $0["digest"],
          created: Timestamp(microseconds: $0["created"]), report: $0["report"])
      }
    }
  }
}
