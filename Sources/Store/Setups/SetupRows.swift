import GRDB

/// How setups leave, inside a transaction of the caller.
enum SetupRows {
  /// Rows that leave in one step.
  static let most = 64

  /// Bytes of all contents and rows.
  static func size(_ database: GRDB.Database) throws -> Int {
    try Int.fetchOne(
      database,
      sql: """
        SELECT (SELECT total(stored) FROM setup_contents) + (SELECT total(size) FROM setups)
          + \(SetupSchema.rowSize) * (SELECT count(*) FROM setups_in_force)
        """) ?? 0
  }

  /// When the setup after it began to judge the same stream; missing for the one that is in force.
  private static let successor = """
    (SELECT n.written FROM setups_in_force n
      WHERE n.source = f.source AND n.input = f.input AND n.id > f.id ORDER BY n.id LIMIT 1)
    """

  /// Those of a file or a pipe that was read to its end are in force for as long as its events are kept.
  private static let hasEvents = """
    EXISTS (SELECT 1 FROM event_streams e JOIN event_blocks b ON b.stream = e.id
      WHERE e.source = f.source AND e.input = f.input)
    """

  /// Lets go of what ceased to judge before a time, then of what ceased longest ago while there is more than so many bytes; what
  /// is in force stays. Gives how many left, and whether another step finds more.
  static func leave(
    before: Int64, bytes: Int, _ database: GRDB.Database
  ) throws -> (count: Int, hasMore: Bool) {
    let old = try Int64.fetchAll(
      database,
      sql: """
        SELECT f.id FROM setups_in_force f
        WHERE f.written < :before AND (
          \(successor) < :before OR (f.input <> '' AND NOT \(hasEvents)))
        ORDER BY f.id LIMIT \(most)
        """, arguments: ["before": before])
    try remove(old, database)
    var left = old.count
    while left < most, try size(database) > bytes {
      let oldest = try Int64.fetchAll(
        database,
        sql: """
          SELECT f.id FROM setups_in_force f WHERE \(successor) IS NOT NULL ORDER BY f.id LIMIT 8
          """)
      if oldest.isEmpty { return (left, false) }
      try remove(oldest, database)
      left += oldest.count
    }
    return (left, left >= most)
  }

  private static func remove(_ rows: [Int64], _ database: GRDB.Database) throws {
    if rows.isEmpty { return }
    let remove = try database.makeStatement(sql: "DELETE FROM setups_in_force WHERE id = ?")
    for row in rows { try remove.execute(arguments: [row]) }
    try database.execute(
      sql: """
        DELETE FROM setups WHERE NOT EXISTS
          (SELECT 1 FROM setups_in_force f WHERE f.setup = setups.id)
        """)
    try database.execute(
      sql: """
        DELETE FROM setup_contents WHERE NOT EXISTS
          (SELECT 1 FROM setup_parts p WHERE p.content = setup_contents.id)
        """)
  }
}
