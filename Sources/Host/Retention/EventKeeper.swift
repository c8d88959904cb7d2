import Detection
import Foundation
import Primitives
import Store

/// Gathers and packs the events of one stream as they are judged, for the transaction that makes their batch lasting.
///
/// A batch of many events becomes a block by itself. Fewer are gathered: each transaction writes what came since the last one,
/// together with earlier blocks of no more events, so that a quiet stream leaves few small blocks and writes an
/// event a dozen times at most until its block is full.
final class EventKeeper {
  /// Names a stream in the database.
  struct Stream {
    var source: String
    /// As in `KeptStream`.
    var input: String
    /// As in `KeptEvents`.
    var model: String?
    var judgedFrom: Timestamp?
    var replacesEarlier: Bool

    /// The service's: one for each source, continued by every run.
    static func service(_ source: String, model: String? = nil) -> Stream {
      Stream(source: source, input: "", model: model, replacesEarlier: false)
    }

    /// Of a run over files, in place of what was kept when they were read before. A pipe is another one each time.
    init(
      source: String, inputs: [String], model: String?, judgedFrom: Timestamp? = nil, run: Int64
    ) {
      self.source = source
      self.model = model.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
      self.judgedFrom = judgedFrom
      let isPipe = inputs.contains("-")
      let places = inputs.map { $0 == "-" ? $0 : URL(fileURLWithPath: $0).standardizedFileURL.path }
      input = places.joined(separator: "\n") + (isPipe ? "\nrun \(run)" : "")
      replacesEarlier = !isPipe
    }

    private init(source: String, input: String, model: String?, replacesEarlier: Bool) {
      self.model = model
      self.source = source
      self.input = input
      self.replacesEarlier = replacesEarlier
    }
  }

  /// From so many events on, a batch is a block.
  private static let blockEvents = 1024
  /// Seconds after which an open block is closed, so that events leave when their time has come.
  private static let openSeconds = 3600.0

  private let stream: Stream
  private let fields: String
  private let queue: PackingQueue
  private let schema: Schema
  /// Events of batches that were no block by themselves.
  private var open: EventBatch
  /// Judged before the first event of `open`.
  private var openStart = 0
  private var openedAt = 0.0
  /// Blocks of `open` that are in the database: the row after their last, and their number.
  private var written: [(end: Int, id: Int64)] = []
  /// Rows of `open` in the last block that was handed out.
  private var handed: Int?

  /// - Parameter known: the fields that the stream's events had before, as they are kept.
  init(
    _ stream: Stream, schema: Schema, interner: Interner, known: String?
  ) throws(Failure) {
    self.stream = stream
    self.schema = schema
    fields = KeptFields.text(schema, with: known)
    queue = try PackingQueue(interner: interner)
    open = EventBatch(schema: schema)
  }

  /// One for a stream; missing where the settings keep no events.
  static func make(
    _ stream: Stream, schema: Schema, interner: Interner, store: AlertStore, _ settings: Settings
  ) throws(Failure) -> EventKeeper? {
    guard settings.retention.keepsEvents else { return nil }
    return try EventKeeper(
      stream, schema: schema, interner: interner,
      known: try store.keptFields(source: stream.source, input: stream.input))
  }

  /// Blocks that wait to be written.
  var waiting: Int { queue.waiting }

  /// Takes the rows of a batch that were judged now. They are copied and packed on another thread, so that judging goes on.
  ///
  /// - Parameter first: how many events of the stream were judged before the batch.
  func keep(_ batch: EventBatch, rows: Range<Int>, first: Int) {
    if rows.isEmpty { return }
    let start = first + rows.lowerBound
    if open.count + rows.count > open.capacity || (!open.isEmpty && start != openStart + open.count)
    {
      close()
    }
    if open.isEmpty && rows.count >= EventKeeper.blockEvents {
      let copy = queue.batch(schema)
      copy.append(batch, rows: rows)
      queue.pack(copy, PackingQueue.Order(rows: 0..<copy.count, start: start, replaces: []))
      return
    }
    if open.isEmpty {
      openStart = start
      openedAt = RunMeter.now()
    }
    open.append(batch, rows: rows)
  }

  /// What is to be written now, or nothing; `wrote` is told afterwards.
  func take() throws(Failure) -> KeptEvents? {
    if RunMeter.now() - openedAt > EventKeeper.openSeconds { close() }
    handed = nil
    let end = open.count
    var begin = written.last?.end ?? 0
    if end > begin {
      var replaces: [Int64] = []
      while let last = written.last {
        let before = written.dropLast().last?.end ?? 0
        if last.end - before > end - begin { break }
        replaces.append(last.id)
        written.removeLast()
        begin = before
      }
      let blocks = try queue.packNow(
        open,
        PackingQueue.Order(rows: begin..<end, start: openStart + begin, replaces: replaces))
      // Blocks that had to be cut are not put together again.
      if blocks == 1 { handed = end } else { reopen() }
    }
    let ready = try queue.take()
    if ready.isEmpty { return nil }
    return KeptEvents(
      source: stream.source, input: stream.input, fields: fields, model: stream.model,
      judgedFrom: stream.judgedFrom, replacesEarlier: stream.replacesEarlier, blocks: ready)
  }

  /// - Parameter block: the number of the last block.
  func wrote(_ block: Int64?) {
    if let handed, let block { written.append((handed, block)) }
    handed = nil
  }

  private func close() {
    if open.isEmpty { return }
    if written.count != 1 || written[0].end != open.count {
      let full = open
      open = queue.batch(schema)
      queue.pack(
        full,
        PackingQueue.Order(
          rows: 0..<full.count, start: openStart, replaces: written.map(\.id)))
    }
    reopen()
  }

  private func reopen() {
    open.removeAll()
    written = []
  }
}
