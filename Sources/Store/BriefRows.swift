import Cases
import Detection
import GRDB
import Primitives

/// Alerts from their columns alone.
enum BriefRows {
  static let columns = """
    id, time, event_id, source, entity_field, entity, kind, rule, score, confidence, severity,
    title, message, category, risk, cost_usd, cost_per, compliance, action, owner, sla_seconds,
    mapping, recurrence, incident, model, plugins_digest, status, state, assignee, disposition,
    note, closed, joined, highest_severity, highest_score, score_meaning, duplicate_of
    """

  static func stored(_ row: Row) throws -> StoredAlert {
    let field: String? = row[4]
    let value: String? = row[5]
    let kind: String = row[6]
    let risk: String? = row[14]
    let unit: String? = row[16]
    let status: String = row[26]
    let disposition: String? = row[29]
    let closed: Int64? = row[31]
    let meaning: String? = row[35]
    let alert = Alert(
      id: row[0], time: Timestamp(microseconds: row[1]), eventID: row[2], source: row[3],
      entity: field.flatMap { field in value.map { Entity(field: field, value: $0) } },
      kind: Alert.Kind(rawValue: kind) ?? .rule, rule: row[7], score: row[8], confidence: row[9],
      severity: try AlertRows.severity(row[10]), title: row[11], message: row[12],
      category: row[13], risk: risk.flatMap(Risk.init(rawValue:)), costUSD: row[15],
      costPer: unit.flatMap(CostUnit.init(rawValue:)),
      compliance: try AlertFactRows.texts(row[17]), action: row[18], owner: row[19],
      slaSeconds: row[20], mapping: row[21], recurrence: row[22], incident: row[23],
      model: row[24], pluginsDigest: row[25],
      scoreMeaning: meaning.flatMap(Alert.ScoreMeaning.init(rawValue:)))
    return StoredAlert(
      alert: alert, status: StoredAlert.Status(rawValue: status) ?? .open,
      state: AlertState(rawValue: row[27]) ?? .new, assignee: row[28],
      disposition: disposition.flatMap(StoredAlert.Disposition.init), note: row[30],
      closedAt: closed.map(Timestamp.init(microseconds:)), joined: row[32],
      highestSeverity: try AlertRows.severity(row[33]), highestScore: row[34],
      duplicateOf: row[36])
  }
}
