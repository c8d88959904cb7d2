import Cases
import Foundation
import GRDB
import Primitives
import Testing

@testable import Store

struct DatabaseTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private var path: String { folder.path + "/moonwatch.db" }

  private func message(
    _ access: Store.Database.Access = .readWrite, in directory: String? = nil,
    kind: Failure.Kind = .internal
  ) -> String? {
    let failure = #expect(throws: Failure.self) {
      try Store.Database.open(dataDirectory: directory ?? folder.path, access: access)
    }
    #expect(failure?.kind == kind)
    return failure?.description
  }

  /// What another program does to the file.
  private func meddle(_ sql: String) throws {
    try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
  }

  @Test("Missing folders are made, and what was written is there after opening again")
  func reopen() throws {
    let deep = folder.path + "/a/b//c/"
    do {
      let store = AlertStore(try Store.Database.open(dataDirectory: deep))
      try store.write([NewAlert(alert(1))], run: aRun)
    }
    let again = try Store.Database.open(dataDirectory: deep)
    #expect(again.path == folder.path + "/a/b//c/moonwatch.db")
    #expect(try AlertStore(again).alerts().map(\.alert) == [alert(1)])
  }

  @Test("Commits are flushed to the disk, in a write-ahead log")
  func durable() throws {
    let database = try Store.Database.open(dataDirectory: folder.path)
    func pragma(_ name: String) throws -> String? {
      try database.write { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }
    #expect(try pragma("synchronous") == "2")
    #expect(try pragma("journal_mode") == "wal")
    #expect(try pragma("foreign_keys") == "1")
  }

  @Test("A second writer is refused, a reader is not, and both are free once the first is gone")
  func oneWriter() throws {
    var first: Store.Database? = try Store.Database.open(dataDirectory: folder.path)
    #expect(
      // The directory was chosen wrongly; nothing is wrong with the program.
      message(kind: .usage)
        == "\(path) is in use by another Moonwatch (stop it, or choose another --data-dir)")
    let reader = try Store.Database.open(dataDirectory: folder.path, access: .readOnly)
    #expect(try AlertStore(reader).alerts().isEmpty)
    #expect(first != nil)
    first = nil
    _ = try Store.Database.open(dataDirectory: folder.path)
  }

  @Test("A database of a newer version is refused and not changed")
  func newer() throws {
    _ = try Store.Database.open(dataDirectory: folder.path)
    try meddle("INSERT INTO grdb_migrations VALUES ('2 something later')")
    let expected =
      "\(path) was written by a newer Moonwatch (upgrade, or choose another --data-dir)"
    #expect(message() == expected)
    #expect(message(.readOnly) == expected)
  }

  @Test("A database of an older version is brought up by a writer only")
  func older() throws {
    try meddle("PRAGMA application_id = 1299148654; CREATE TABLE grdb_migrations (identifier TEXT)")
    #expect(
      message(.readOnly) == """
        \(path) was written by an older Moonwatch (run a command that writes, such as detect, to \
        bring it up to date)
        """)
  }

  @Test("Opening to write once more leaves the locks that the process holds on the file")
  func locks() throws {
    let first = try Store.Database.open(dataDirectory: folder.path)
    // Kept open to the end: closing it would end the locks as well.
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    func isLocked() -> Bool {
      // Asked by the open file (Linux's F_OFD_GETLK): the locks of the process itself count as another's.
      var lock = flock()
      lock.l_type = Int16(F_WRLCK)
      lock.l_whence = Int16(SEEK_SET)
      return fcntl(file.fileDescriptor, 36, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
    }
    #expect(isLocked())
    let second = try Store.Database.open(dataDirectory: folder.path, access: .change)
    #expect(isLocked())
    withExtendedLifetime((first, second)) {}
  }

  @Test("What a score says is told in a database of an older version as it was read there")
  func meanings() throws {
    func scored(_ number: Int, score: Double?, confidence: Double?) -> NewAlert {
      var alert = alert(number, at: Int64(number), score: score)
      alert.confidence = confidence
      return NewAlert(alert)
    }
    do {
      let store = AlertStore(try Store.Database.open(dataDirectory: folder.path))
      try store.write(
        [
          scored(1, score: 0.9, confidence: 0.5), scored(2, score: 0.9, confidence: nil),
          scored(3, score: nil, confidence: 0.5),
        ], run: aRun)
    }
    try meddle(
      """
      DROP INDEX alerts_as_facts;
      ALTER TABLE alerts DROP COLUMN score_meaning;
      CREATE INDEX alerts_as_facts ON alerts (time, id, confidence);
      DELETE FROM grdb_migrations WHERE identifier LIKE '9 %';
      """)
    let store = AlertStore(try Store.Database.open(dataDirectory: folder.path))
    #expect(try store.facts().map(\.score) == [0.9, nil, nil])
    #expect(
      try store.alertsInBrief(AlertFilter(limit: nil)).map(\.alert.scoreMeaning)
        == [nil, .rarity, .probability])
  }

  @Test("Another program's database is refused")
  func foreign() throws {
    try meddle("CREATE TABLE theirs (x)")
    let expected = "\(path) is a database of another program (choose another --data-dir)"
    #expect(message(kind: .input) == expected)
    #expect(message(.readOnly, kind: .input) == expected)
  }

  @Test("A database that was being made when the process was killed is made to its end")
  func halfMade() throws {
    // Migrations list themselves before the first of them; nothing is run after that.
    try meddle("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
    let store = AlertStore(try Store.Database.open(dataDirectory: folder.path))
    try store.write([NewAlert(alert(1))], run: aRun)
    #expect(try store.alerts(AlertFilter(limit: nil)).count == 1)
  }

  @Test("A file that is no database is refused and left alone")
  func noDatabase() throws {
    let bytes = Data(repeating: 0x41, count: 5000)
    try bytes.write(to: URL(fileURLWithPath: path))
    let expected = """
      \(path) is damaged or not a database (put a copy back, or move it away to start anew)
      """
    #expect(message(kind: .input) == expected)
    #expect(message(.readOnly, kind: .input) == expected)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
  }

  @Test("A damaged page is reported when it is read")
  func damaged() throws {
    do {
      let store = AlertStore(try Store.Database.open(dataDirectory: folder.path))
      try store.write((0..<500).map { NewAlert(alert($0)) }, run: aRun)
    }
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let size = try file.seekToEnd()
    // All pages but the first, which hold the header and the list of tables.
    for page in stride(from: UInt64(4096 * 80), to: size, by: 4096) {
      try file.seek(toOffset: page)
      try file.write(contentsOf: Data(repeating: 0xEE, count: 4096))
    }
    try file.close()
    let store = AlertStore(
      try Store.Database.open(dataDirectory: folder.path, access: .readOnly))
    let failure = #expect(throws: Failure.self) { try store.alerts(AlertFilter(limit: nil)) }
    #expect(
      failure?.description
        == "\(path) is damaged or not a database (put a copy back, or move it away to start anew)")
  }

  @Test("To read, there must be something")
  func absent() {
    #expect(
      message(.readOnly, kind: .usage)
        == "\(path) does not exist (run 'moonwatch detect' or 'moonwatch demo' first, or choose another --data-dir)"
    )
  }

  @Test("A data directory that cannot be made or written says why")
  func unwritable() throws {
    try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
    #expect(
      message(in: folder.path + "/file/data") == """
        cannot make the data directory \(folder.path)/file/data: Not a directory (choose another \
        --data-dir)
        """)
    #expect(
      message(in: folder.path + "/file") == """
        the data directory \(folder.path)/file cannot be written: Not a directory (make it \
        writable, or choose another --data-dir)
        """)
  }

  /// The superuser may write everywhere, so permissions say nothing to it.
  @Test("A read-only directory and a read-only file are refused", .enabled(if: getuid() != 0))
  func readOnly() throws {
    _ = try Store.Database.open(dataDirectory: folder.path)
    chmod(path, 0o400)
    #expect(
      message() == """
        \(path) cannot be written (make it and its folder writable, or choose another --data-dir)
        """)
    try FileManager.default.removeItem(atPath: folder.path + "/moonwatch.lock")
    chmod(folder.path, 0o500)
    #expect(
      message() == """
        the data directory \(folder.path) cannot be written: Permission denied (make it \
        writable, or choose another --data-dir)
        """)
    chmod(folder.path, 0o700)
  }

  @Test("A full disk keeps what was there, and writing goes on once there is room")
  func full() throws {
    let database = try Store.Database.open(dataDirectory: folder.path)
    let store = AlertStore(database)
    try store.write([NewAlert(alert(1))], run: aRun)
    try database.write { _ = try Row.fetchOne($0, sql: "PRAGMA max_page_count = 40") }
    let failure = #expect(throws: Failure.self) {
      try store.write((2..<3000).map { NewAlert(alert($0)) }, run: aRun)
    }
    #expect(
      failure?.description == """
        the disk that holds \(path) is full (free some space; nothing of the last write was kept)
        """)
    #expect(try store.alerts().map(\.alert) == [alert(1)])
    try database.write { _ = try Row.fetchOne($0, sql: "PRAGMA max_page_count = 1000000") }
    try store.write((2..<3000).map { NewAlert(alert($0)) }, run: aRun)
    #expect(try store.counts().total == 2999)
  }

  @Test("A refused statement names the file and what SQLite said")
  func statement() throws {
    let database = try Store.Database.open(dataDirectory: folder.path)
    let failure = #expect(throws: Failure.self) {
      try database.write { try $0.execute(sql: "INSERT INTO nowhere VALUES (1)") }
    }
    #expect(failure?.description == "\(path): no such table: nowhere")
  }

  @Test("A process that is killed while it writes leaves whole batches")
  func killed() async throws {
    for delay in [2, 5, 9, 14, 20, 33] {
      let place = folder.path + "/killed-\(delay)"
      await #expect(processExitsWith: .failure) { [place = place as String, delay = delay as Int] in
        let store = AlertStore(try Store.Database.open(dataDirectory: place))
        for batch in 0..<10_000 {
          if batch == delay {
            // From another thread, so that the writer is anywhere within a batch.
            Thread.detachNewThread { kill(getpid(), SIGKILL) }
          }
          let alerts = (0..<20).map { NewAlert(alert(batch * 20 + $0)) }
          try store.write(alerts, run: aRun)
        }
      }
      let store = AlertStore(try Store.Database.open(dataDirectory: place))
      let total = try store.counts().total
      #expect(total >= delay * 20 && total % 20 == 0)
      #expect(try store.runs(limit: 100_000).count * 20 == total)
      try store.write([NewAlert(alert(900_000))], run: aRun)
    }
  }
}
