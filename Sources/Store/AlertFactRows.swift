package import Cases
import Detection
import GRDB
package import Primitives

/// Stored alerts as the facts that judging works on, read without their JSON.
enum AlertFactRows {
  static let upsert = """
    INSERT INTO alert_facts (alert, entities, finders) VALUES (?, ?, ?)
    ON CONFLICT (alert) DO UPDATE SET entities = excluded.entities, finders = excluded.finders
      WHERE (SELECT disposition FROM alerts WHERE id = excluded.alert) IS NULL
    """

  static func arguments(_ alert: Alert, _ frozen: FrozenEvidence) -> StatementArguments {
    let entities = frozen.entities.flatMap { [$0.field, $0.value] }
    let finders = frozen.rules + (frozen.isFoundByModel ? [AlertFact.model] : [])
    return [alert.id, list(entities), list(finders)]
  }

  static func list(_ texts: [String]) -> String {
    JSONValue.list(texts.map(JSONValue.text)).serialized()
  }

  static let select = """
    SELECT a.id, a.time, a.entity_field, a.entity, a.rule, a.highest_score, a.highest_severity,
      a.title, a.mapping, a.owner, a.cost_usd, a.cost_per, a.joined, a.incident, a.disposition,
      a.closed, f.entities, f.finders, a.score_meaning,
      a.rowid
    FROM alerts a INDEXED BY alerts_as_facts LEFT JOIN alert_facts f ON f.alert = a.id
    """

  static func fact(_ row: Row) throws -> AlertFact {
    let field: String? = row[2]
    let value: String? = row[3]
    let entity = field.flatMap { field in value.map { Entity(field: field, value: $0) } }
    let rule: String? = row[4]
    let closed: Int64? = row[15]
    let disposition: String? = row[14]
    let dollars: Double? = row[10]
    let unit: String? = row[11]
    let named = try texts(row[16])
    let pairs = stride(from: 0, to: named.count - 1, by: 2).map {
      Entity(field: named[$0], value: named[$0 + 1])
    }
    let finders = try texts(row[17])
    let meaning: String? = row[18]
    return AlertFact(
      id: row[0], time: Timestamp(microseconds: row[1]), entity: entity,
      // Alerts of earlier versions name only whom they are about.
      entities: pairs.isEmpty ? entity.map { [$0] } ?? [] : pairs,
      finders: finders.isEmpty ? [rule ?? AlertFact.model] : finders, rule: rule,
      score: meaning == Alert.ScoreMeaning.probability.rawValue ? row[5] : nil,
      severity: try AlertRows.severity(row[6]), title: row[7], mapping: row[8], owner: row[9],
      cost: dollars.map(Cents.init(dollars:)) ?? .zero,
      costPer: unit.flatMap(CostUnit.init(rawValue:)) ?? .incident, joined: row[12],
      incident: row[13], outcome: disposition.flatMap(AlertFact.Outcome.init(rawValue:)),
      closedAt: closed.map(Timestamp.init(microseconds:)))
  }

  /// Within so long of its event an alert was written that people could decide about it as it happened.
  private static let longestDelay = TimeSpan.days(1)

  /// Says of alerts that somebody decided about whether they were live, from an index by itself.
  ///
  /// - Parameter rows: the numbers of their rows.
  static func tellLive(
    _ facts: inout [AlertFact], _ rows: [Int64], _ database: GRDB.Database
  ) throws {
    guard facts.contains(where: { $0.closedAt != nil || !$0.turns.isEmpty }) else { return }
    var written: [Int64: Int64] = [:]
    let found = try Row.fetchCursor(
      database,
      sql: "SELECT rowid, written FROM alerts INDEXED BY alerts_by_age WHERE written <> 0")
    while let row = try found.next() { written[row[0]] = row[1] }
    for (place, row) in rows.enumerated() {
      guard let time = written[row] else { continue }
      facts[place].isLive =
        Timestamp(microseconds: time) - facts[place].time <= longestDelay
    }
  }

  /// When the findings that are counted with an alert happened, in order; from an index alone.
  static func times(_ alert: String, _ database: GRDB.Database) throws -> [Timestamp] {
    try Int64.fetchAll(
      database.cachedStatement(sql: "SELECT time FROM suppressed WHERE alert = ? ORDER BY time"),
      arguments: [alert]
    ).map(Timestamp.init(microseconds:))
  }

  /// How alerts that were opened again stood since when, from the audit: the alert itself knows its last closing alone.
  static func turns(_ database: GRDB.Database) throws -> [String: [AlertFact.Turn]] {
    var turns: [String: [AlertFact.Turn]] = [:]
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT subject, time, after ->> '$.disposition' AS disposition FROM audit
        WHERE kind = 'alert' AND json_valid(after) AND json_type(after, '$.disposition') IS NOT NULL
          AND subject IN (SELECT subject FROM audit WHERE kind = 'alert' AND action = 'alert.reopen')
        ORDER BY n
        """)
    while let row = try rows.next() {
      let disposition: String? = row["disposition"]
      turns[row["subject"], default: []].append(
        AlertFact.Turn(
          time: Timestamp(microseconds: row["time"]),
          outcome: disposition.flatMap(AlertFact.Outcome.init(rawValue:))))
    }
    return turns
  }

  /// A list of texts without escapes, as almost all are, taken apart at its quotes; missing for anything else.
  private static func plain(_ json: String) -> [String]? {
    let bytes = json.utf8
    guard bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]"),
      !bytes.contains(UInt8(ascii: "\\"))
    else { return nil }
    var texts: [String] = []
    let parts = bytes.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
    for (place, part) in parts.enumerated() {
      if place % 2 == 1 {
        texts.append(String(decoding: part, as: UTF8.self))
        continue
      }
      let isEnd = place == 0 || place == parts.count - 1
      let wanted = place == 0 ? "[" : isEnd ? "]" : ","
      guard part.elementsEqual(wanted.utf8) else { return nil }
    }
    return parts.count > 2 ? texts : nil
  }

  static func texts(_ json: String?) throws -> [String] {
    guard let json, json != "[]" else { return [] }
    if let plain = plain(json) { return plain }
    do throws(JSONProblem) {
      return try JSONValue.parse(Array(json.utf8)).list?.compactMap(\.text) ?? []
    } catch {
      throw Failure(.internal, "what is kept beside an alert is no list: \(error.message)")
    }
  }
}

extension AlertStore {
  /// Every alert up to a time as a fact, in order of time, then id.
  ///
  /// - Parameter since: leaves out those before it.
  package func facts(
    since: Timestamp = .distantPast, until: Timestamp = .distantFuture
  ) throws(Failure) -> [AlertFact] {
    try database.read { database in
      var facts: [AlertFact] = []
      var places: [Int64] = []
      var lasting: [Int] = []
      let rows = try Row.fetchCursor(
        database,
        sql: AlertFactRows.select + " WHERE a.time >= ? AND a.time <= ? ORDER BY a.time, a.id",
        arguments: [since.microseconds, until.microseconds])
      let turns = try AlertFactRows.turns(database)
      while let row = try rows.next() {
        var fact = try AlertFactRows.fact(row)
        if let known = turns[fact.id] { fact.turns = known }
        facts.append(fact)
        places.append(row[19])
        if fact.joined > 0 && fact.costPer != .incident { lasting.append(facts.count - 1) }
      }
      for place in lasting {
        facts[place].times = try AlertFactRows.times(facts[place].id, database)
      }
      try AlertFactRows.tellLive(&facts, places, database)
      return facts
    }
  }

  /// When the newest alert happened; missing where there is none.
  package func newestAlert() throws(Failure) -> Timestamp? {
    try database.read { database in
      try Int64.fetchOne(database, sql: "SELECT max(time) FROM alerts")
        .map(Timestamp.init(microseconds:))
    }
  }
}
