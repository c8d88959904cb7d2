import Detection
import Primitives
import Store

extension RetainedEvents {
  /// The newest kept events of some streams in order of time, each once: at most so many, of each stream its share.
  func newest(
    _ most: Int, of isMeant: (KeptStream) -> Bool = { _ in true }
  ) throws(Failure) -> [EventRecord] {
    let streams = try streams().filter(isMeant)
    let all = streams.reduce(0) { $0 + $1.events }
    var records: [EventRecord] = []
    var known: Set<[String]> = []
    for stream in streams {
      let share = Double(stream.events) / Double(max(1, all))
      for record in try newest(Int(Double(min(most, all)) * share), of: stream) {
        // A file that was judged twice under two names is in two streams.
        if streams.count == 1 || known.insert([record.source, record.id]).inserted {
          records.append(record)
        }
      }
    }
    // Attacks are planted by time, and what arrived late would stand in the wrong place.
    return records.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }.map(\.element)
  }

  /// In order of arrival.
  private func newest(_ most: Int, of stream: KeptStream) throws(Failure) -> [EventRecord] {
    let interner = Interner()
    let share = min(1, Double(most) / Double(max(1, stream.events)))
    let span = (stream.last - stream.first).seconds * share
    let since = stream.last - (TimeSpan(seconds: span) ?? .zero)
    let feed = try feed(
      stream, schema: try schema(of: stream), interner: interner, since: since)
    var records: [EventRecord] = []
    let batch = EventBatch(schema: feed.schema)
    while true {
      batch.removeAll()
      guard case .filled = try feed.fill(batch) else { break }
      for row in 0..<batch.count { records.append(batch.record(row, interner: interner)) }
      if records.count > 2 * most { records.removeFirst(records.count - most) }
    }
    records.removeFirst(max(0, records.count - most))
    return records
  }
}
