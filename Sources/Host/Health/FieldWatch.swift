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
/// For each source and kind of event it counts which of these fields were there in the last 256 events, and looks at the
/// count every 16. A field that was in at least half of the events before and is in less than a tenth of that in a window is
/// gone; it is back when it reaches half of it again. Every event counts: of a stream in which kinds take turns, every n-th
/// event may be of one kind alone. Used by one thread.
struct FieldWatch {
  private final class Stream {
    let source: Symbol
    let kind: Symbol
    /// By field, of the events since the last look.
    var part: [Int32]
    var seen = 0
    /// The last looks of a window, by look and field, and their sum by field.
    var parts: [Int32]
    var sums: [Int32]
    var began: [Int64]
    var looks = 0
    var newest: Int64
    /// What is usual, by field; of `windows` windows.
    var usual: [Double]
    /// The share in the last whole window, by field, which is learned when the next one shows that it is not gone.
    var lastShares: [Double?]
    var windows: Int
    var gone: [Int: GoneField] = [:]

    init(source: Symbol, kind: Symbol, fields: Int, at time: Int64, usual: [Double], windows: Int) {
      self.source = source
      self.kind = kind
      self.usual = usual
      self.windows = windows
      lastShares = Array(repeating: nil, count: fields)
      newest = time
      part = Array(repeating: 0, count: fields)
      parts = Array(repeating: 0, count: fields * FieldWatch.looks)
      sums = Array(repeating: 0, count: fields)
      began = Array(repeating: time, count: FieldWatch.looks)
    }
  }

  private static let window = 256
  /// Events from one look to the next.
  private static let stride = 16
  private static let looks = window / stride
  private static let mostStreams = 256
  /// How much one more window counts at least.
  private static let memory = 64

  private let interner: Interner
  private let entities: SourceMapping.Entities?
  private let fields: [Schema.Field]
  /// Where the fields lie, by their place among `fields`.
  private let textSlots: [(number: Int, slot: Int)]
  private let numberSlots: [(number: Int, slot: Int)]
  private let readers: [RuleFields]
  private let known: FieldRecord
  private var streams: [Stream] = []
  private var places: [UInt64: Int] = [:]
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
    let fields = plan.schema.fields.filter { named.contains($0.name) }
    self.fields = fields
    let slots = fields.enumerated().map { (number: $0.offset, slot: $0.element.slot) }
    textSlots = slots.filter { fields[$0.number].type == .text }
    numberSlots = slots.filter { fields[$0.number].type != .text }
  }

  private static func all(_ entities: SourceMapping.Entities) -> Set<String> {
    Set(entities.byKind.values.joined()).union(entities.others)
  }

  mutating func observe(_ batch: EventBatch) {
    // Kinds come in runs or take turns: the last two streams answer nearly always.
    var last: (key: UInt64, place: Int?)?
    var other: (key: UInt64, place: Int?)?
    for row in 0..<batch.count {
      let key = UInt64(batch.sources[row].rawValue) << 32 | UInt64(batch.kinds[row].rawValue)
      if last?.key != key {
        swap(&last, &other)
        if last?.key != key { last = (key, place(of: batch, row, key)) }
      }
      if let place = last?.place { observe(batch, row, streams[place]) }
    }
  }

  private mutating func observe(_ batch: EventBatch, _ row: Int, _ stream: Stream) {
    if stream.seen == 0 { stream.began[stream.looks % FieldWatch.looks] = batch.times[row] }
    stream.newest = max(stream.newest, batch.times[row])
    stream.seen += 1
    for (number, slot) in textSlots where !batch.text(row, slot).isMissing {
      stream.part[number] += 1
    }
    for (number, slot) in numberSlots where !batch.number(row, slot).isNaN {
      stream.part[number] += 1
    }
    if stream.seen == FieldWatch.stride { look(stream) }
  }

  private mutating func place(of batch: EventBatch, _ row: Int, _ key: UInt64) -> Int? {
    if let place = places[key] { return place }
    // Events may name their source and kind themselves.
    if streams.count >= FieldWatch.mostStreams { return nil }
    let (source, kind) = (batch.sources[row], batch.kinds[row])
    let before = known.usual(source: interner.text(of: source), kind: interner.text(of: kind))
    streams.append(
      Stream(
        source: source, kind: kind, fields: fields.count, at: batch.times[row],
        usual: fields.map { before?.shares[$0.name] ?? 0 }, windows: before?.windows ?? 0))
    places[key] = streams.count - 1
    return streams.count - 1
  }

  /// Takes the newest part into the window in the place of the oldest, and judges a window that is whole.
  private mutating func look(_ stream: Stream) {
    let slot = stream.looks % FieldWatch.looks * fields.count
    for number in fields.indices {
      stream.sums[number] += stream.part[number] - stream.parts[slot + number]
      stream.parts[slot + number] = stream.part[number]
      stream.part[number] = 0
    }
    stream.seen = 0
    stream.looks += 1
    if stream.looks < FieldWatch.looks { return }
    // What is usual is learned from windows that share no event.
    let isNew = stream.looks % FieldWatch.looks == 0
    let weight = 1 / Double(min(stream.windows + 1, FieldWatch.memory))
    for number in fields.indices {
      let share = Double(stream.sums[number]) / Double(FieldWatch.window)
      let usual = stream.usual[number]
      if stream.gone[number] != nil {
        if share < usual / 2 { continue }
        stream.gone[number] = nil
      } else if stream.windows > 0 && usual >= 0.5 && share < usual / 10 {
        let gone = gone(fields[number].name, stream, usual, share)
        stream.gone[number] = gone
        stream.lastShares[number] = nil
        // What nobody reads is remembered and not worth a warning.
        if !gone.rules.isEmpty { untold.append(gone) }
        continue
      }
      guard isNew else { continue }
      if stream.windows == 0 {
        stream.usual[number] = share
        continue
      }
      // A window in which a field begins to vanish says nothing of what was usual before.
      if let last = stream.lastShares[number] {
        stream.usual[number] += (last - usual) * weight
      }
      stream.lastShares[number] = share
    }
    if isNew { stream.windows += 1 }
  }

  private func gone(
    _ field: String, _ stream: Stream, _ before: Double, _ now: Double
  ) -> GoneField {
    let kind = interner.text(of: stream.kind)
    let entities = entities?.fields(kind: kind) ?? []
    return GoneField(
      source: interner.text(of: stream.source), kind: kind, field: field, before: before,
      now: now, since: Timestamp(microseconds: stream.began[stream.looks % FieldWatch.looks]),
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
      let source = interner.text(of: stream.source)
      let kind = interner.text(of: stream.kind)
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
