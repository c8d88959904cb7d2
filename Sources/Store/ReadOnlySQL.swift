import GRDBSQLite
package import Primitives

/// One question to the database in SQL that can change nothing, takes no longer than it may and gives no more rows, and no
/// more text in them.
///
/// It has a connection of its own, opened to read. An authorizer lets through reading and the functions of SQLite and
/// nothing else: no other file can be attached, no setting changed, no extension loaded.
package struct ReadOnlySQL: Sendable {
  package enum Cell: Hashable, Sendable {
    case null
    case integer(Int64)
    case number(Double)
    case text(String)
    /// Bytes that are shown by their number only.
    case bytes(Int)
  }

  package struct Rows: Sendable {
    package var columns: [String]
    package var rows: [[Cell]] = []
    /// Why there are no more, where there are more.
    package var cut: Cut?
  }

  package enum Cut: Hashable, Sendable {
    /// More than the rows that were asked for.
    case rows
    /// More than an answer holds.
    case bytes
  }

  /// Bytes of an answer, and of one text in it.
  package static let mostBytes = 16 << 20

  private let path: String

  package init(dataDirectory: String) {
    path = "\(dataDirectory)/moonwatch.db"
  }

  /// - Parameter isStopped: asked now and then; true ends the question.
  package func rows(
    _ sql: String, limit: Int, seconds: Double, isStopped: @escaping () -> Bool
  ) throws(Failure) -> Rows {
    var connection: OpaquePointer?
    let opened = sqlite3_open_v2(
      path, &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
    defer { sqlite3_close_v2(connection) }
    guard opened == SQLITE_OK, let connection else {
      throw StoreFailures(path: path).absent
    }
    sqlite3_busy_timeout(connection, 5000)
    sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0)
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, Int32(ReadOnlySQL.mostBytes))
    sqlite3_set_authorizer(connection, { _, action, _, _, _, _ in authorize(action) }, nil)
    let deadline = Deadline(end: monotonicSeconds() + seconds, isStopped: isStopped)
    // The deadline outlives the question: it is released when this function ends.
    let context = Unmanaged.passRetained(deadline)
    defer { context.release() }
    sqlite3_progress_handler(
      connection, 1000,
      { Unmanaged<Deadline>.fromOpaque($0!).takeUnretainedValue().isOver ? 1 : 0 },
      context.toOpaque())
    return try run(sql, connection, limit: limit, seconds: seconds, deadline)
  }

  private func run(
    _ sql: String, _ connection: OpaquePointer, limit: Int, seconds: Double, _ deadline: Deadline
  ) throws(Failure) -> Rows {
    guard !sql.utf8.contains(0) else {
      throw Failure(.usage, "the SQL holds a zero byte", advice: "leave it out")
    }
    var statement: OpaquePointer?
    var rest = ""
    let status = sql.withCString { text in
      var tail: UnsafePointer<CChar>?
      let status = sqlite3_prepare_v2(connection, text, -1, &statement, &tail)
      rest = tail.map { String(cString: $0) } ?? ""
      return status
    }
    defer { sqlite3_finalize(statement) }
    guard status == SQLITE_OK else { throw failure(connection, status, seconds, deadline) }
    guard let statement else {
      throw Failure(
        .usage, "there is no SQL to run", advice: "such as: select * from alerts limit 5")
    }
    guard rest.allSatisfy({ $0.isWhitespace || $0 == ";" }) else {
      throw Failure(
        .usage, "one question at a time", advice: "leave out what follows the first ';'")
    }
    let columns = sqlite3_column_count(statement)
    var result = Rows(
      columns: (0..<columns).map { index in
        sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
      })
    var room = ReadOnlySQL.mostBytes
    while true {
      let step = sqlite3_step(statement)
      if step == SQLITE_DONE { return result }
      guard step == SQLITE_ROW else { throw failure(connection, step, seconds, deadline) }
      if result.rows.count == limit {
        result.cut = .rows
        return result
      }
      let row = (0..<columns).map { cell(statement, $0) }
      for cell in row {
        if case .text(let text) = cell { room -= text.utf8.count } else { room -= 16 }
      }
      if room < 0 && !result.rows.isEmpty {
        result.cut = .bytes
        return result
      }
      result.rows.append(row)
    }
  }

  private func cell(_ statement: OpaquePointer, _ column: Int32) -> Cell {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: return .number(sqlite3_column_double(statement, column))
    case SQLITE_TEXT:
      guard let bytes = sqlite3_column_text(statement, column) else { return .null }
      let count = Int(sqlite3_column_bytes(statement, column))
      return .text(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
    case SQLITE_BLOB: return .bytes(Int(sqlite3_column_bytes(statement, column)))
    default: return .null
    }
  }

  private func failure(
    _ connection: OpaquePointer, _ status: Int32, _ seconds: Double, _ deadline: Deadline
  ) -> Failure {
    if deadline.wasStopped { return Failure(.usage, "stopped") }
    let message = String(cString: sqlite3_errmsg(connection))
    // Some statements are refused with the words only.
    let isRefused = status == SQLITE_AUTH || message.hasPrefix("not authorized")
    switch isRefused ? SQLITE_AUTH : status {
    case SQLITE_INTERRUPT:
      return Failure(
        .usage, "the question took longer than \(Format.number(seconds)) s",
        advice: "ask for less, or give sql(text, {seconds = …})")
    case SQLITE_AUTH:
      return Failure(
        .usage, "only questions that read are answered here", advice: "write a select")
    default:
      return Failure(
        .usage, "SQL: \(message)",
        advice: "sql(\"select name, sql from sqlite_master\") shows the tables")
    }
  }

  /// When a question has to end.
  private final class Deadline {
    private let end: Double
    private let isStopped: () -> Bool
    private(set) var wasStopped = false

    init(end: Double, isStopped: @escaping () -> Bool) {
      self.end = end
      self.isStopped = isStopped
    }

    var isOver: Bool {
      if isStopped() { wasStopped = true }
      return wasStopped || monotonicSeconds() > end
    }
  }
}

private func authorize(_ action: Int32) -> Int32 {
  switch action {
  case SQLITE_SELECT, SQLITE_READ, SQLITE_FUNCTION, SQLITE_RECURSIVE: SQLITE_OK
  default: SQLITE_DENY
  }
}
