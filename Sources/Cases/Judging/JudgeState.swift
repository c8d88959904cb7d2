package import Detection
import Primitives

/// What a judge remembers as bytes: another one goes on from them as if it had judged everything before.
///
/// Only the order in which keys were touched is kept, not how often: what is forgotten next is the same.
extension Judge {
  package func encode(_ writer: inout StateWriter) {
    encode(open, &writer) { alert, writer in
      writer.append(Array(alert.id.utf8))
      writer.signed(alert.first.microseconds)
      writer.signed(alert.last.microseconds)
      writer.count(alert.joined)
      writer.count(alert.severity.rawValue)
      writer.count(alert.score == nil ? 0 : 1)
      if let score = alert.score { writer.number(score) }
    }
    encode(alertTimes, &writer) { times, writer in
      writer.count(times.count)
      for time in times { writer.signed(time.microseconds) }
    }
    encode(incidents, &writer) { incident, writer in
      writer.append(Array(incident.id.utf8))
      writer.signed(incident.last.microseconds)
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
      let id = String(decoding: try reader.raw(), as: UTF8.self)
      let first = Timestamp(microseconds: try reader.signed())
      let last = Timestamp(microseconds: try reader.signed())
      let joined = try reader.size(upTo: .max)
      guard let severity = Severity(rawValue: try reader.size(upTo: 100)) else {
        throw StateDamage(what: "a severity is out of range")
      }
      let score = try reader.size(upTo: 1) == 1 ? try reader.number() : nil
      open[key] = OpenAlert(
        id: id, first: first, last: last, joined: joined, severity: severity, score: score)
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
