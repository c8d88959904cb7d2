import Cases
import GRDB
import Primitives

/// The kept findings in the audit: a record now and then says how many there are and what they sum to (`SealSum`).
///
/// Findings come by the thousand and are seldom looked at, so that a record for each would outgrow them. Those that were written
/// after the newest record are not sealed yet; whatever changes or removes a sealed one writes a record in its transaction.
enum FindingSeals {
  /// How many findings may wait for their record.
  static let mostUnsealed: Int64 = 1000

  /// What a record says: of the findings up to row `last`.
  struct State: Hashable {
    var count: Int64 = 0
    var sum = SealSum()
    var last: Int64 = 0
    /// The record's number; 0 before the first.
    var record: Int64 = 0
  }

  /// The findings that are about to be changed or removed: what they were is taken out of the sum.
  ///
  /// - Parameters:
  ///   - condition: which rows, as SQL after WHERE.
  ///   - state: what earlier changes of the same transaction left.
  /// - Returns: the state without them; missing where nothing sealed is touched.
  static func without(
    _ condition: String, _ arguments: StatementArguments, from known: State? = nil,
    _ database: GRDB.Database
  ) throws -> State? {
    var state = try known ?? newest(database)
    let rows = try Row.fetchCursor(
      database, sql: "\(select) WHERE rowid <= ? AND (\(condition))",
      arguments: [state.last] + arguments)
    var isChanged = known != nil
    while let row = try rows.next() {
      state.sum.remove(digest(row))
      state.count -= 1
      isChanged = true
    }
    return isChanged ? state : nil
  }

  /// Seals the findings that are not yet, where they are many, or where `state` says that sealed ones left or changed.
  ///
  /// - Parameter force: seals the few, too.
  static func seal(
    _ state: State? = nil, force: Bool = false, _ pen: AuditPen, _ database: GRDB.Database
  ) throws {
    let newest = try state ?? newest(database)
    let highest = try Int64.fetchOne(database, sql: "SELECT max(rowid) FROM suppressed") ?? 0
    let isDue = force ? highest != newest.last : highest - newest.last >= mostUnsealed
    guard state != nil || isDue else { return }
    var sealed = newest
    let rows = try Row.fetchCursor(
      database, sql: "\(select) WHERE rowid > ?", arguments: [newest.last])
    while let row = try rows.next() {
      sealed.sum.add(digest(row))
      sealed.count += 1
    }
    sealed.last = highest
    try pen.record(
      Change(
        "findings.seal", kind, subject,
        after: [
          "count": .integer(sealed.count), "sum": .text(sealed.sum.hex),
          "last": .integer(sealed.last),
        ]), database)
  }

  /// What is wrong with the findings, in words, and how many; none where they are as they were sealed.
  static func mismatch(_ database: GRDB.Database) throws -> AuditVerdict.Mismatch? {
    let state = try newest(database)
    // A directory of an earlier version has findings that no record ever told of.
    if state.record == 0 { return nil }
    var (count, sum): (Int64, SealSum) = (0, SealSum())
    let rows = try Row.fetchCursor(
      database, sql: "\(select) WHERE rowid <= ?", arguments: [state.last])
    while let row = try rows.next() {
      sum.add(digest(row))
      count += 1
    }
    if count == state.count && sum == state.sum { return nil }
    let what =
      count == state.count
      ? "one or more of the \(count) is not as record \(state.record) sealed it"
      : "\(count) are there, and record \(state.record) sealed \(state.count)"
    return AuditVerdict.Mismatch(kind: .findings, id: "kept", what: what)
  }

  private static let (kind, subject) = ("data", "findings")

  private static func newest(_ database: GRDB.Database) throws -> State {
    let row = try Row.fetchOne(
      database,
      sql: "SELECT n, after FROM audit WHERE kind = ? AND subject = ? ORDER BY n DESC LIMIT 1",
      arguments: [kind, subject])
    guard let row else { return State() }
    let after = AuditValues.read(row["after"])
    guard let count = after["count"]?.integer, let last = after["last"]?.integer,
      let sum = after["sum"]?.text.flatMap(SealSum.init)
    else {
      throw Failure(
        .internal, "record \(row["n"] as Int64) of the audit does not say how findings were sealed",
        advice: "moonwatch audit verify tells what became of the audit")
    }
    return State(count: count, sum: sum, last: last, record: row["n"])
  }

  /// When it was written is set later, and leaves with the rest.
  private static let columns = [
    "finding", "reason", "alert", "mute", "time", "event_id", "source", "entity_field", "entity",
    "rule", "mapping", "score", "severity", "message", "run",
  ]
  private static let select = "SELECT \(columns.joined(separator: ", ")) FROM suppressed"

  private static func digest(_ row: Row) -> [UInt8] {
    ContentSeal.digest("MWFINDING1", columns.indices.map { (row[$0] as DatabaseValue).sealed })
  }
}

extension DatabaseValue {
  /// A cell as it is sealed: numbers as they are written.
  fileprivate var sealed: [UInt8]? {
    switch storage {
    case .null: nil
    case .string(let text): Array(text.utf8)
    case .int64(let number): Array(number.description.utf8)
    case .double(let number): Array(number.description.utf8)
    case .blob(let data): Array(data)
    }
  }
}
