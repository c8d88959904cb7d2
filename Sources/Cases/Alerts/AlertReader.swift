import Detection
package import Primitives

/// Reads back what `AlertWriter` wrote; keys that it does not know are passed over.
package enum AlertReader {
  /// An alert from one line, with or without its line end.
  package static func alert(_ line: [UInt8]) throws(Failure) -> Alert {
    let fields = try JSONFields(line, of: "an alert")
    let entity = try fields.object("entity")
    return Alert(
      id: try fields.text("id"), time: try fields.word("time") { Timestamp(utc: $0) },
      eventID: try fields.text("event_id"), source: try fields.text("source"),
      entity: try entity.flatMap { (entity) throws(Failure) in try who(entity) },
      kind: try fields.word("kind") { Alert.Kind(rawValue: $0) },
      rule: try fields.textOrNull("rule"), score: try fields.numberOrNull("score"),
      confidence: try fields.numberOrNull("confidence"),
      severity: try fields.word("severity") { Severity($0) }, title: try fields.text("title"),
      message: try fields.text("message"),
      reasons: try fields.objects("reasons").map { (cause) throws(Failure) in try reason(cause) },
      category: try fields.textOrNull("category"),
      risk: try fields.wordOrNull("risk") { Risk(rawValue: $0) },
      costUSD: try fields.numberOrNull("cost_usd"),
      costPer: try fields.wordOrNull("cost_per") { CostUnit(rawValue: $0) },
      compliance: try fields.texts("compliance"), action: try fields.textOrNull("action"),
      owner: try fields.textOrNull("owner"), slaSeconds: try fields.integerOrNull("sla_seconds"),
      mapping: try fields.textOrNull("mapping"), recurrence: try fields.integer("recurrence"),
      incident: try fields.text("incident"), model: try fields.textOrNull("model"),
      pluginsDigest: try fields.textOrNull("plugins_digest"),
      response: fields.optional("response")?.text,
      past: try fields.objectIfThere("past").map { (past) throws(Failure) in try AlertPast(past) },
      scoreMeaning: fields.has("score_meaning")
        ? try fields.wordOrNull("score_meaning") { Alert.ScoreMeaning(rawValue: $0) } : nil)
  }

  private static func who(_ entity: JSONFields) throws(Failure) -> Entity? {
    guard let field = try entity.textOrNull("field"), let value = try entity.textOrNull("value")
    else { return nil }
    return Entity(field: field, value: value)
  }

  private static func reason(_ cause: JSONFields) throws(Failure) -> Reason {
    Reason(
      feature: try cause.text("feature"), value: try cause.numberOrNull("value"),
      normal: try cause.numberOrNull("normal"),
      contribution: try cause.numberOrNull("contribution"), text: try cause.text("text"),
      usual: try cause.objectIfThere("usual").map { (range) throws(Failure) in try usual(range) },
      peers: try cause.objectIfThere("peers").map { (range) throws(Failure) in try usual(range) })
  }

  private static func usual(_ fields: JSONFields) throws(Failure) -> Usual {
    var basis = Usual.Basis.overall
    if let hour = try fields.integerOrNull("hour_of_week"), (0..<168).contains(hour) {
      basis = .hourOfWeek(hour)
    } else if let hour = try fields.integerOrNull("hour_of_day"), (0..<24).contains(hour) {
      basis = .hourOfDay(hour)
    }
    var usual = Usual(
      median: try fields.numberOrNull("median") ?? .nan,
      low: try fields.numberOrNull("low") ?? .nan, high: try fields.numberOrNull("high") ?? .nan,
      count: try fields.integer("count"), basis: basis)
    usual.period = fields.has("period") ? try fields.numberOrNull("period") ?? 0 : 0
    return usual
  }
}
