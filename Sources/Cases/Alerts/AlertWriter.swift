import Detection
package import Primitives

/// An alert as one line of JSON: the same keys in the same order always, the missing ones `null`.
package enum AlertWriter {
  /// The line without its line end.
  package static func line(_ alert: Alert) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1024)
    json(alert).append(to: &bytes)
    return bytes
  }

  package static func json(_ alert: Alert) -> JSONValue {
    [
      "id": .text(alert.id),
      "time": .text(alert.time.description),
      "event_id": .text(alert.eventID),
      "source": .text(alert.source),
      "entity": ["field": .of(alert.entity?.field), "value": .of(alert.entity?.value)],
      "kind": .text(alert.kind.rawValue),
      "rule": .of(alert.rule),
      "score": .of(alert.score),
      "confidence": .of(alert.confidence),
      "severity": .text(alert.severity.word),
      "title": .text(alert.title),
      "message": .text(alert.message),
      "reasons": .list(alert.reasons.map(json)),
      "category": .of(alert.category),
      "risk": .of(alert.risk?.rawValue),
      "cost_usd": .of(alert.costUSD),
      "cost_per": .of(alert.costPer?.rawValue),
      "compliance": .list(alert.compliance.map(JSONValue.text)),
      "action": .of(alert.action),
      "owner": .of(alert.owner),
      "sla_seconds": .of(alert.slaSeconds),
      "mapping": .of(alert.mapping),
      "recurrence": .of(alert.recurrence),
      "incident": .text(alert.incident),
      "model": .of(alert.model),
      "plugins_digest": .of(alert.pluginsDigest),
      "response": .of(alert.response),
      "past": alert.past?.json ?? .null,
      "score_meaning": .of(alert.scoreMeaning?.rawValue),
    ]
  }

  /// `text` stands beside the keys for those who read rather than compute.
  private static func json(_ reason: Reason) -> JSONValue {
    [
      "feature": .text(reason.feature),
      "value": .of(reason.value),
      "normal": .of(reason.normal),
      "usual": json(reason.usual),
      "peers": json(reason.peers),
      "contribution": .of(reason.contribution),
      "text": .text(reason.text),
    ]
  }

  /// The range of four in five, the median, the number of samples and the hour that they are of: 0 to 167 of the week, 0 to
  /// 23 of the day, or none; `period` where its numbers begin again, as hours do, and `low` may stand above `high`.
  private static func json(_ usual: Usual?) -> JSONValue {
    guard let usual else { return .null }
    var (ofWeek, ofDay): (Int?, Int?)
    switch usual.basis {
    case .hourOfWeek(let hour): ofWeek = hour
    case .hourOfDay(let hour): ofDay = hour
    case .overall: break
    }
    var members: [JSONValue.Member] = [
      .init("low", .of(usual.low)), .init("median", .of(usual.median)),
      .init("high", .of(usual.high)), .init("count", .of(usual.count)),
      .init("hour_of_week", .of(ofWeek)), .init("hour_of_day", .of(ofDay)),
    ]
    if usual.period > 0 { members.append(.init("period", .of(usual.period))) }
    return .object(members)
  }
}

extension JSONValue {
  static func of(_ text: String?) -> JSONValue { text.map(JSONValue.text) ?? .null }

  static func of(_ n: Int?) -> JSONValue { n.map { .integer(Int64($0)) } ?? .null }

  /// Whole numbers without a fraction: `500`, not `500.0`.
  static func of(_ x: Double?) -> JSONValue {
    guard let x else { return .null }
    if abs(x) < 0x1p53, let whole = Int64(exactly: x) { return .integer(whole) }
    return .number(x)
  }
}
