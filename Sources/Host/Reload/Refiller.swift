import Detection
import Glibc
import Plugins
import Primitives
import Store

/// Fills what a new generation has and the run has not with the events that the database kept, beside the run.
///
/// It reads up to the event at which the run stands, has what is judged from there on copied, reads the few events that were
/// judged meanwhile, and hands over: each event is counted once, by its number in the stream.
struct Refiller: Sendable {
  private static let priority: Int32 = 10
  /// Believed at once, however far ahead of the next events it is.
  private static let support = 32

  let source: String
  /// Read by a connection of its own: the thread that fills may outlive the run, which lets go of the database at its end.
  let dataDirectory: String
  let schema: Schema
  let allowedLateness: TimeSpan
  let desk: RefillDesk
  let binder: GenerationBinder
  let warn: @Sendable (String) -> Void

  /// Nothing where the generation needs no events of the past, or none are kept.
  func fill(_ generation: Generation) throws(Failure) -> Refill.State? {
    let missing = binder.missing(in: generation)
    guard !missing.isEmpty, let now = desk.ask() else { return nil }
    let store = AlertStore(try Database.open(dataDirectory: dataDirectory, access: .readOnly))
    guard let stream = try stream(in: store) else { return nil }
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Refiller.priority)
    let interner = Interner()
    let refill = try Refill(
      missing.definitions, missing.waiting, lists: generation.installation.lists.book,
      Refill.Frame(
        schema: schema, interner: interner, pool: WorkerPool(count: 1),
        allowedLateness: allowedLateness))
    var reading = Reading(
      store: store, stream: stream, interner: interner, batch: EventBatch(schema: schema),
      part: EventBatch(schema: schema))
    if let reach = missing.reach, let time = now.time {
      reading.since =
        time.subtractingReportingOverflow(
          reach.microseconds + allowedLateness.microseconds
        ).partialValue
    }
    try read(&reading, into: refill, upTo: now.events)
    let tap = RefillTap()
    guard let end = desk.ask(tap) else { return nil }
    try read(&reading, into: refill, upTo: end.events)
    if desk.isStopped { return nil }
    guard reading.next == end.events else {
      warn("new windows begin empty: the newest events are not among those that are kept")
      return nil
    }
    refill.coverage.until = end.time.map(Timestamp.init(microseconds:))
    return refill.state(missing.definitions, interner, tap: tap)
  }

  private func stream(in store: AlertStore) throws(Failure) -> KeptStream? {
    let ours = EventKeeper.Stream.service(source)
    return try store.keptStreams().first { $0.source == ours.source && $0.input == ours.input }
  }

  /// Where the reading stands.
  private struct Reading {
    let store: AlertStore
    let stream: KeptStream
    let interner: Interner
    let batch: EventBatch
    let part: EventBatch
    /// Blocks of earlier events alone are passed over, in microseconds.
    var since = Int64.min
    /// The number of the next event; missing before the first block.
    var next: Int?
  }

  private func read(
    _ reading: inout Reading, into refill: Refill, upTo end: Int
  ) throws(Failure) {
    let kept = RetainedEvents(reading.store, warn: warn)
    let (places, last) = try kept.places(of: reading.stream)
    var before: Int64?
    for place in places where place.start < end {
      if desk.isStopped { return }
      let next = reading.next
      if next == nil, place.last.microseconds < reading.since {
        before = max(before ?? .min, place.last.microseconds)
        // Where nothing else is kept, the reading ends with it.
        if place.start + place.events < end { continue }
      }
      if let next, place.start + place.events <= next { continue }
      reading.batch.removeAll()
      let body = last[place.id]
      guard let body = try body == nil ? reading.store.keptBody(place.id) : body,
        kept.read(body, place, into: reading.batch, reading.interner)
      else { continue }
      if next.map({ place.start > $0 }) ?? true {
        // The first block, or the first after events that are gone: what is known reaches back to here.
        refill.coverage.since = place.first
        refill.coverage.isWhole = place.start == 0
        if next == nil, place.start > 0 { prime(refill, before ?? place.first.microseconds) }
      }
      let rows = max(0, (next ?? 0) - place.start)..<min(place.events, end - place.start)
      reading.part.removeAll()
      reading.part.append(reading.batch, rows: rows)
      refill.take(reading.part)
      refill.coverage.events += rows.count
      reading.next = place.start + rows.upperBound
    }
  }

  /// Brings the clock of the windows to where the events stood that are not read.
  private func prime(_ refill: Refill, _ time: Int64) {
    let batch = EventBatch(schema: schema, capacity: 1)
    for _ in 0..<Refiller.support { batch.pass(time) }
    refill.take(batch)
  }
}
