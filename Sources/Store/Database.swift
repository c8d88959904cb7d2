import GRDB
import Glibc
package import Primitives

/// The one file that a data directory keeps its records in, `moonwatch.db`, in SQLite.
///
/// One process judges, any number decide and read. Whoever judges holds `moonwatch.lock`, because alerts of two services
/// in one file would be judged apart. Whoever writes holds `moonwatch.turn` for each transaction, because SQLite before
/// 3.51.3 can lose pages when two connections write and checkpoint at the same instant (the "WAL-reset bug"; Debian 12
/// has 3.40.1): a checkpoint is a part of the commit that it follows, so with one commit at a time that cannot happen.
///
/// Every transaction is flushed to the disk before it counts as done (`synchronous = FULL`): an alert that was acted upon
/// must outlive a power cut, and one flush a batch costs little. Closing happens when the last reference goes.
package final class Database: Sendable {
  package enum Access: Sendable {
    /// To judge: alone.
    case readWrite
    /// To decide and to set things right, also beside a process that judges.
    case change
    case readOnly
  }

  /// As given, with `/moonwatch.db` after it.
  package let path: String
  private let reader: any DatabaseReader
  private let writer: DatabasePool?
  /// Held until the database is gone.
  private let lock: WriterLock?
  /// Missing where it is only read.
  private let turn: WriteTurn?

  private init(
    path: String, reader: any DatabaseReader, writer: DatabasePool?, lock: WriterLock?,
    turn: WriteTurn?
  ) {
    self.path = path
    self.reader = reader
    self.writer = writer
    self.lock = lock
    self.turn = turn
  }

  /// Opens the database of a data directory; to write, both are made where missing.
  ///
  /// Fails where another process judges too, where the file is damaged, is not ours or was written by a newer version,
  /// and where the directory cannot be written. To read, the file must exist and be of this version.
  package static func open(
    dataDirectory: String, access: Access = .readWrite
  ) throws(Failure) -> Database {
    var directory = dataDirectory.isEmpty ? "." : dataDirectory
    while directory.count > 1 && directory.last == "/" { directory.removeLast() }
    let path = directory == "/" ? "/moonwatch.db" : "\(directory)/moonwatch.db"
    let failures = StoreFailures(path: path)
    switch access {
    case .readWrite, .change:
      try Folders.make(
        directory, named: "the data directory \(directory)", advice: "choose another --data-dir")
      let lock =
        access == .change ? nil : try WriterLock.take(directory: directory, database: path)
      let turn = try WriteTurn(directory: directory, database: path)
      return try failures.translating {
        try turn.take()
        defer { turn.give() }
        // Alerts and events are nobody else's: SQLite's files beside it take its mode. Only a file that nobody has opened
        // yet: closing one ends all locks that this process has on it.
        let made = Glibc.open(path, O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        if made >= 0 { Glibc.close(made) }
        var configuration = configuration
        // Before anything else is written: what is deleted later is given back page by page.
        configuration.prepareDatabase { database in
          // The pool's readers are told the same.
          guard !database.configuration.readonly else { return }
          try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        try Schema.check(pool, failures)
        if try !pool.read(Schema.migrator.hasCompletedMigrations) {
          // Nobody may judge by tables that change.
          let alone = try lock ?? WriterLock.take(directory: directory, database: path)
          try withExtendedLifetime(alone) { try Schema.migrator.migrate(pool) }
        }
        // The pool sets NORMAL when it turns WAL on.
        try pool.writeWithoutTransaction {
          try $0.execute(sql: "PRAGMA synchronous = FULL")
          // A file of an older version is written anew once, so that it can shrink.
          if try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") == 0 {
            try $0.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
          }
        }
        return Database(path: path, reader: pool, writer: pool, lock: lock, turn: turn)
      }
    case .readOnly:
      guard Glibc.access(path, F_OK) == 0 else { throw failures.absent }
      return try failures.translating {
        var configuration = configuration
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try Schema.check(queue, failures)
        guard try queue.read(Schema.migrator.hasCompletedMigrations) else { throw failures.older }
        return Database(path: path, reader: queue, writer: nil, lock: nil, turn: nil)
      }
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "moonwatch"
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA trusted_schema = OFF") }
    return configuration
  }

  /// Reads one unchanging state of the database, beside a writer.
  func read<Result>(
    _ body: (GRDB.Database) throws -> Result
  ) throws(Failure) -> Result {
    try StoreFailures(path: path).translating { try reader.read(body) }
  }

  /// All of it is written, or nothing.
  func write<Result>(
    _ body: (GRDB.Database) throws -> Result
  ) throws(Failure) -> Result {
    try alone { database in
      var result: Result?
      try database.inTransaction(.immediate) {
        result = try body(database)
        return .commit
      }
      guard let result else { preconditionFailure("a transaction that ended has a result") }
      return result
    }
  }

  /// What no transaction can hold, such as VACUUM, while nobody else writes.
  func alone<Result>(
    _ body: (GRDB.Database) throws -> Result
  ) throws(Failure) -> Result {
    guard let writer, let turn else {
      preconditionFailure("a database that was opened to read is not written")
    }
    return try StoreFailures(path: path).translating {
      try writer.writeWithoutTransaction { database in
        try turn.take()
        defer { turn.give() }
        return try body(database)
      }
    }
  }
}
