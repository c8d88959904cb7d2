import GRDB

/// The tables of `moonwatch.db`, as a list of migrations that only ever grows.
///
/// `alerts.json` is the alert as `AlertWriter` wrote it and the one truth about it; the columns beside it are there to be
/// searched. Times are microseconds since 1970, severities 1 (info) to 5 (critical).
enum Schema {
  /// "Moon" in ASCII: tells our files from other programs' (SQLite's `application_id`).
  static let applicationID: Int32 = 0x4D6F_6F6E

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 alerts, runs, models") { database in
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      try database.execute(sql: first)
    }
    migrator.registerMigration("2 sources") { try $0.execute(sql: sources) }
    migrator.registerMigration("3 kept events") { try $0.execute(sql: KeptRows.tables) }
    migrator.registerMigration("4 facts, overrides, incident edits") {
      try $0.execute(sql: CaseSchema.first)
    }
    migrator.registerMigration("5 audit") { try $0.execute(sql: AuditSchema.sql) }
    migrator.registerMigration("6 alert life") { try $0.execute(sql: LifeSchema.sql) }
    migrator.registerMigration("7 facts in one index, age of what was suppressed") {
      try $0.execute(sql: ReadingSchema.sql)
    }
    migrator.registerMigration("8 responses") { try $0.execute(sql: ResponseSchema.sql) }
    migrator.registerMigration("9 what scores say") { try $0.execute(sql: ReadingSchema.meanings) }
    migrator.registerMigration("10 open responses") {
      try $0.execute(sql: ResponseSchema.open)
    }
    migrator.registerMigration("11 setups") { try $0.execute(sql: SetupSchema.sql) }
    migrator.registerMigration("12 duplicates, settings of runs") {
      try $0.execute(
        sql: """
          ALTER TABLE alerts ADD COLUMN duplicate_of TEXT;
          ALTER TABLE runs ADD COLUMN settings TEXT;
          """)
    }
    migrator.registerMigration("13 sizes of alerts") { try $0.execute(sql: KeptRows.sizes) }
    return migrator
  }

  /// Refuses other programs' files and those of later versions.
  static func check(_ reader: some DatabaseReader, _ failures: StoreFailures) throws {
    try reader.read { database in
      let id = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
      // The list of migrations is made before the first of them: a process that was killed in between left it alone.
      let tables =
        try Int.fetchOne(
          database,
          sql: "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'") ?? 0
      guard id == applicationID || (id == 0 && tables == 0) else { throw failures.foreign }
      if try migrator.hasBeenSuperseded(database) { throw failures.newer }
    }
  }

  private static let first = """
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY,
      command TEXT NOT NULL,
      started INTEGER NOT NULL,
      input TEXT NOT NULL,
      digest TEXT,
      events INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE alerts (
      id TEXT PRIMARY KEY NOT NULL,
      time INTEGER NOT NULL,
      event_id TEXT NOT NULL,
      source TEXT NOT NULL,
      entity_field TEXT,
      entity TEXT,
      kind TEXT NOT NULL,
      rule TEXT,
      score REAL,
      confidence REAL,
      severity INTEGER NOT NULL,
      title TEXT NOT NULL,
      message TEXT NOT NULL,
      category TEXT,
      risk TEXT,
      cost_usd REAL,
      cost_per TEXT,
      compliance TEXT NOT NULL,
      action TEXT,
      owner TEXT,
      sla_seconds INTEGER,
      mapping TEXT,
      recurrence INTEGER NOT NULL,
      incident TEXT NOT NULL,
      model TEXT,
      plugins_digest TEXT,
      json TEXT NOT NULL,
      run INTEGER NOT NULL REFERENCES runs (id),
      joined INTEGER NOT NULL DEFAULT 0,
      highest_severity INTEGER NOT NULL,
      highest_score REAL,
      status TEXT NOT NULL DEFAULT 'open',
      disposition TEXT,
      note TEXT,
      closed INTEGER
    ) STRICT;
    CREATE INDEX alerts_by_time ON alerts (time);
    CREATE INDEX alerts_by_entity ON alerts (entity, time);
    CREATE INDEX alerts_by_incident ON alerts (incident);

    CREATE TABLE features (
      alert TEXT PRIMARY KEY NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
      json TEXT NOT NULL
    ) STRICT;

    CREATE TABLE models (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      path TEXT NOT NULL,
      digest TEXT NOT NULL,
      created INTEGER NOT NULL,
      report TEXT NOT NULL,
      UNIQUE (name, digest)
    ) STRICT;
    """

  /// How far the service has judged each source, and in which turns it read the files of one.
  private static let sources = """
    CREATE TABLE sources (
      id TEXT PRIMARY KEY NOT NULL,
      read INTEGER NOT NULL,
      events INTEGER NOT NULL,
      position TEXT NOT NULL,
      updated INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE turns (
      source TEXT NOT NULL,
      start INTEGER NOT NULL,
      file TEXT NOT NULL,
      events INTEGER NOT NULL,
      PRIMARY KEY (source, start)
    ) STRICT, WITHOUT ROWID;
    """
}
