import Detection
import Ingest
import Plugins
package import Primitives

/// A field that events of a kind used to carry and carry no longer.
package struct GoneField: Sendable, Hashable {
  package var source: String
  package var kind: String
  package var field: String
  /// The share of events that carried it before, and in the window that told.
  package var before: Double
  package var now: Double
  /// When that window began.
  package var since: Timestamp
  /// The rules that read it.
  package var rules: [String]

  package var description: String {
    let share =
      "\(Format.percent(now, 0)) of '\(kind)' events of source '\(source)' carry '\(field)'"
    let see = rules.count == 1 ? "sees" : "see"
    return "\(share) since \(since), \(Format.percent(before, 0)) did before: "
      + "\(rules.joined(separator: ", ")) no longer \(see) it"
  }

  var json: JSONValue {
    [
      "source": .text(source), "kind": .text(kind), "field": .text(field),
      "before": .number(before), "now": .number(now), "since": .text(since.description),
      "rules": .list(rules.map(JSONValue.text)),
    ]
  }

  init(
    source: String, kind: String, field: String, before: Double, now: Double, since: Timestamp,
    rules: [String]
  ) {
    self.source = source
    self.kind = kind
    self.field = field
    self.before = before
    self.now = now
    self.since = since
    self.rules = rules
  }

  /// From what `json` wrote; missing where it is something else.
  init?(_ value: JSONValue) {
    guard let source = value["source"]?.text, let kind = value["kind"]?.text,
      let field = value["field"]?.text, let before = value["before"]?.number,
      let now = value["now"]?.number,
      let since = value["since"]?.text.flatMap(TimeWords.parse),
      let rules = value["rules"]?.list
    else { return nil }
    self.init(
      source: source, kind: kind, field: field, before: before, now: now, since: since,
      rules: rules.compactMap(\.text))
  }
}

/// Notices within one window that a field which rules read is gone from a source: renamed, dropped, or no longer parsed.
///
/// For each source and kind of event it counts in windows of 256 events which of these fields are there. A field that
/// was in at least half of the events before and is in less than a tenth of that in a window is gone; it is back when it
/// reaches half of it again. Of a large batch every n-th event is looked at, 512 in all. Used by one thread.
struct FieldWatch {
  private struct Key: Hashable {
    var source: Symbol
    var kind: Symbol
  }

  private struct Stream {
    var key: Key
    var counts: [Int32]
    var seen: Int32 = 0
    var began: Int64
    var newest: Int64
    /// What is usual, by field; of `windows` windows.
    var usual: [Double]
    var windows: Int
    var gone: [Int: GoneField] = [:]
  }

  private static let window: Int32 = 256
  private static let mostLooked = 512
  private static let mostStreams = 256
  /// How much one more window counts at least.
  private static let memory = 64

  private let interner: Interner
  private let entities: SourceMapping.Entities?
  private let fields: [Schema.Field]
  private let readers: [RuleFields]
  private let known: FieldRecord
  private var streams: [Stream] = []
  private var places: [Key: Int] = [:]
  private var untold: [GoneField] = []

  /// - Parameter known: what was usual in earlier runs.
  init(_ plan: RunPlan, known: FieldRecord) {
    interner = plan.interner
    entities = plan.entities
    self.known = known
    let readers = plan.rules.map { RuleFields($0, schema: plan.schema) }
    let named = readers.reduce(into: plan.entities.map(FieldWatch.all) ?? []) {
      $0.formUnion($1.names)
    }
    self.readers = readers
    fields = plan.schema.fields.filter { named.contains($0.name) }
  }

  private static func all(_ entities: SourceMapping.Entities) -> Set<String> {
    Set(entities.byKind.values.joined()).union(entities.others)
  }

  mutating func observe(_ batch: EventBatch) {
    let step = max(1, batch.count / FieldWatch.mostLooked)
    var rows: [(row: Int, stream: Int)] = []
    rows.reserveCapacity(FieldWatch.mostLooked + 1)
    for row in stride(from: 0, to: batch.count, by: step) {
      guard let place = place(of: batch, row) else { continue }
      rows.append((row, place))
      if streams[place].seen == 0 { streams[place].began = batch.times[row] }
      streams[place].seen += 1
      streams[place].newest = max(streams[place].newest, batch.times[row])
    }
    for (number, field) in fields.enumerated() {
      if field.type == .text {
        let column = batch.textColumn(field.slot)
        for (row, place) in rows where !column[row].isMissing { streams[place].counts[number] += 1 }
      } else {
        let column = batch.numberColumn(field.slot)
        for (row, place) in rows where !column[row].isNaN { streams[place].counts[number] += 1 }
      }
    }
    for place in streams.indices where streams[place].seen >= FieldWatch.window { close(place) }
  }

  private mutating func place(of batch: EventBatch, _ row: Int) -> Int? {
    let key = Key(source: batch.sources[row], kind: batch.kinds[row])
    if let place = places[key] { return place }
    // Events may name their source and kind themselves.
    if streams.count >= FieldWatch.mostStreams { return nil }
    let before = known.usual(
      source: interner.text(of: key.source), kind: interner.text(of: key.kind))
    streams.append(
      Stream(
        key: key, counts: Array(repeating: 0, count: fields.count), began: batch.times[row],
        newest: batch.times[row], usual: fields.map { before?.shares[$0.name] ?? 0 },
        windows: before?.windows ?? 0))
    places[key] = streams.count - 1
    return streams.count - 1
  }

  /// Judges the window of a stream and begins the next.
  private mutating func close(_ place: Int) {
    var stream = streams[place]
    let weight = 1 / Double(min(stream.windows + 1, FieldWatch.memory))
    for number in fields.indices {
      let share = Double(stream.counts[number]) / Double(stream.seen)
      let usual = stream.usual[number]
      if stream.gone[number] != nil {
        if share < usual / 2 { continue }
        stream.gone[number] = nil
      } else if stream.windows > 0 && usual >= 0.5 && share < usual / 10 {
        let gone = gone(fields[number].name, stream, usual, share)
        stream.gone[number] = gone
        // What nobody reads is remembered and not worth a warning.
        if !gone.rules.isEmpty { untold.append(gone) }
        continue
      }
      stream.usual[number] += (share - usual) * weight
    }
    stream.windows += 1
    stream.seen = 0
    stream.counts = Array(repeating: 0, count: fields.count)
    streams[place] = stream
  }

  private func gone(
    _ field: String, _ stream: Stream, _ before: Double, _ now: Double
  ) -> GoneField {
    let kind = interner.text(of: stream.key.kind)
    let entities = entities?.fields(kind: kind) ?? []
    return GoneField(
      source: interner.text(of: stream.key.source), kind: kind, field: field, before: before,
      now: now, since: Timestamp(microseconds: stream.began),
      rules: readers.filter { $0.reads(field, kind: kind, entities: entities) }.map(\.rule).sorted()
    )
  }

  /// What went missing since this was last asked.
  mutating func takeNews() -> [GoneField] {
    defer { untold = [] }
    return untold
  }

  /// What is known now of the sources that were seen.
  var record: FieldRecord {
    var record = FieldRecord()
    for stream in streams {
      let source = interner.text(of: stream.key.source)
      let kind = interner.text(of: stream.key.kind)
      record.set(
        FieldRecord.Stream(
          source: source, kind: kind, windows: stream.windows,
          newest: Timestamp(microseconds: stream.newest),
          shares: Dictionary(
            zip(fields.map(\.name), stream.usual), uniquingKeysWith: { first, _ in first }),
          gone: stream.gone.sorted { $0.key < $1.key }.map(\.value)))
    }
    return record
  }
}
