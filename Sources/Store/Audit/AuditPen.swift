package import Cases
import Foundation
import GRDB
import Glibc
package import Primitives

/// Writes audit records in the name of one actor, each in the same transaction as the change that it tells of.
package struct AuditPen: Sendable {
  package let actor: Actor
  /// When records are written; the system's clock unless a test gives its own.
  package let now: @Sendable () -> Timestamp

  package init(_ actor: Actor, now: @escaping @Sendable () -> Timestamp = AuditPen.systemTime) {
    self.actor = actor
    self.now = now
  }

  /// The program itself, under a command's name.
  package static func system(_ command: String) -> AuditPen {
    AuditPen(Actor(.system, command, account: account))
  }

  /// The name of the account that the process runs under; its number where it has no name.
  package static let account: String = {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 4096)
    let status = getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found)
    guard status == 0, found != nil, let name = entry.pw_name else { return "uid \(getuid())" }
    return String(cString: name)
  }()

  package static let systemTime: @Sendable () -> Timestamp = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  /// Adds a record at the end of the chain, within the caller's transaction. Gives its number.
  @discardableResult
  func record(_ change: Change, _ database: GRDB.Database) throws -> Int64 {
    guard let head = try Row.fetchOne(database, sql: "SELECT n, seal FROM audit_head") else {
      throw Failure(
        .internal, "the audit has lost its head",
        advice: "moonwatch audit verify tells what is left of it")
    }
    let last: Int64 = head["n"]
    let previous = [UInt8](head["seal"] as Data)
    let time = now().microseconds
    let texts: [String?] = [
      actor.kind.rawValue, actor.name, actor.account, change.action, change.kind, change.subject,
      change.before?.serialized(), change.after?.serialized(), change.note,
    ].map { $0.map(AlertRows.column) }
    let seal = AuditSeal.of(
      number: last + 1, time: time, texts: texts.map { $0.map { Array($0.utf8) } },
      previous: previous)
    var arguments: StatementArguments = [last + 1, time]
    for text in texts { arguments += [text] }
    arguments += [Data(previous), Data(seal)]
    try database.cachedStatement(
      sql: """
        INSERT INTO audit (n, time, actor_kind, actor, account, action, kind, subject, before, after,
          note, previous, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: arguments)
    return last + 1
  }
}
