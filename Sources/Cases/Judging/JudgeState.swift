package import Detection
import Primitives

/// What a judge remembers as bytes: another one goes on from them as if it had judged everything before.
///
/// Only the order in which keys were touched is kept, not how often: what is forgotten next is the same.
extension Judge {
  package func encode(_ writer: inout StateWriter) {
    encode(open, &writer) { alert, writer in alert.encode(&writer) }
    encode(alertTimes, &writer) { times, writer in
      writer.count(times.count)
      for time in times { writer.signed(time.microseconds) }
    }
    encode(incidents, &writer) { incident, writer in
      writer.append(Array(incident.id.utf8))
      writer.signed(incident.last.microseconds)
    }
    encodeFloods(&writer)
    encode(pasts, &writer) { alerts, writer in
      writer.count(alerts.count)
      for alert in alerts {
        writer.signed(alert.time.microseconds)
        writer.count(alert.severity.rawValue)
        writer.count(alert.score == nil ? 0 : 1)
        if let score = alert.score { writer.number(score) }
      }
    }
  }

  /// Takes over what `encode` wrote, in place of all that is remembered now.
  package mutating func decode(_ reader: inout StateReader) throws(StateDamage) {
    let capacity = open.capacity
    open = RecentMemory(capacity: capacity)
    alertTimes = RecentMemory(capacity: capacity)
    incidents = RecentMemory(capacity: capacity)
    for _ in 0..<(try reader.count(each: 16)) {
      let key = try Judge.key(&reader)
      open[key] = try OpenAlert(&reader)
    }
    for _ in 0..<(try reader.count(each: 16)) {
      let key = try Judge.key(&reader)
      var times: [Timestamp] = []
      for _ in 0..<(try reader.size(upTo: Judge.mostTimes)) {
        times.append(Timestamp(microseconds: try reader.signed()))
      }
      alertTimes[key] = times
    }
    for _ in 0..<(try reader.count(each: 16)) {
      let key = try Judge.key(&reader)
      let id = String(decoding: try reader.raw(), as: UTF8.self)
      incidents[key] = Incident(id: id, last: Timestamp(microseconds: try reader.signed()))
    }
    try decodeFloods(&reader)
    try decodePasts(&reader)
  }

  private mutating func decodePasts(_ reader: inout StateReader) throws(StateDamage) {
    pasts = RecentMemory(capacity: pasts.capacity)
    for _ in 0..<(try reader.count(each: 16)) {
      let key = try Judge.key(&reader)
      var alerts: [PastAlert] = []
      for _ in 0..<(try reader.size(upTo: PastAlert.most)) {
        let time = Timestamp(microseconds: try reader.signed())
        let severity = try Judge.severity(&reader)
        let score = try reader.size(upTo: 1) == 1 ? try reader.number() : nil
        alerts.append(PastAlert(time: time, severity: severity, score: score))
      }
      pasts[key] = alerts
    }
  }

  fileprivate static func severity(
    _ reader: inout StateReader
  ) throws(StateDamage) -> Severity {
    guard let severity = Severity(rawValue: try reader.size(upTo: 100)) else {
      throw StateDamage(what: "a severity is out of range")
    }
    return severity
  }

  private func encodeFloods(_ writer: inout StateWriter) {
    writer.count(floods.count)
    for (key, flood) in floods.sorted(by: { ($0.key.high, $0.key.low) < ($1.key.high, $1.key.low) })
    {
      writer.fixed(key.high)
      writer.fixed(key.low)
      writer.count(flood.raised.count)
      for time in flood.raised { writer.signed(time.microseconds) }
      writer.count(flood.alert == nil ? 0 : 1)
      flood.alert?.encode(&writer)
    }
  }

  private mutating func decodeFloods(_ reader: inout StateReader) throws(StateDamage) {
    floods = [:]
    for _ in 0..<(try reader.count(each: 16)) {
      let key = try Judge.key(&reader)
      var flood = FloodGuard()
      for _ in 0..<(try reader.count()) {
        flood.raised.append(Timestamp(microseconds: try reader.signed()))
      }
      if try reader.size(upTo: 1) == 1 { flood.alert = try OpenAlert(&reader) }
      floods[key] = flood
    }
  }

  private func encode<Content>(
    _ memory: RecentMemory<Content>, _ writer: inout StateWriter,
    content: (Content, inout StateWriter) -> Void
  ) {
    writer.count(memory.count)
    for entry in memory.oldestFirst {
      writer.fixed(entry.key.high)
      writer.fixed(entry.key.low)
      content(entry.content, &writer)
    }
  }

  private static func key(_ reader: inout StateReader) throws(StateDamage) -> CaseKey {
    let high = try reader.fixed()
    return CaseKey(high: high, low: try reader.fixed())
  }
}

extension OpenAlert {
  fileprivate func encode(_ writer: inout StateWriter) {
    writer.append(Array(id.utf8))
    writer.signed(first.microseconds)
    writer.signed(last.microseconds)
    writer.count(joined)
    writer.count(severity.rawValue)
    writer.count(score == nil ? 0 : 1)
    if let score { writer.number(score) }
  }

  fileprivate init(_ reader: inout StateReader) throws(StateDamage) {
    id = String(decoding: try reader.raw(), as: UTF8.self)
    first = Timestamp(microseconds: try reader.signed())
    last = Timestamp(microseconds: try reader.signed())
    joined = try reader.size(upTo: .max)
    severity = try Judge.severity(&reader)
    score = try reader.size(upTo: 1) == 1 ? try reader.number() : nil
  }
}
