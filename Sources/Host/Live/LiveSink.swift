import Cases
import Detection
import Ingest
import Primitives
import Store

/// Where the service leaves what it finds in one source: alerts and how far it has come, in one transaction a batch.
struct LiveSink: RunOutput {
  private let source: String
  private let interner: Interner
  private let store: AlertStore
  private let run: Int64
  let letters: LetterFile
  private var fresh: [NewAlert] = []
  private var joins: [Joined] = []
  private var suppressed: [SuppressedFinding] = []
  private var turns: [SourceTurn] = []
  private var mark: SourceMark?
  private var batch: EventBatch?
  private let keeper: EventKeeper?
  private let book: ResponseBook
  private var owed: [OwedResponse] = []
  /// What the database knows; events up to there are judged again in silence.
  private var kept: Int
  private var keptAt = RunMeter.now()
  /// Events read and judged since the source was first read.
  private(set) var read: Int
  private(set) var events: Int
  /// Where the reader stands after the last batch.
  private(set) var position: String
  private static let secondsBetween = 1.0

  init(
    source: String, store: AlertStore, run: Int64, letters: LetterFile, interner: Interner,
    keeper: EventKeeper?, book: ResponseBook, from start: LiveStart
  ) {
    self.keeper = keeper
    self.book = book
    self.source = source
    self.interner = interner
    self.store = store
    self.run = run
    self.letters = letters
    kept = start.quietUntil
    read = start.read
    events = start.events
    position = start.position
  }

  var wantsScores: Bool { false }

  mutating func batchBegins(_ batch: ReadBatch) {
    mark = batch.mark
    // Other events than before: none of them is known.
    if mark?.isAstray == true { kept = min(kept, events) }
    self.batch = batch.events
  }

  mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) {
    fresh.append(NewAlert(alert, line: line, frozen: frozen))
    owed += book.owed(alert, at: WallClock.now())
  }

  mutating func joined(_ joined: Joined) {
    joins.append(joined)
    if let finding = joined.finding { suppressed.append(finding) }
  }

  mutating func suppressed(_ finding: SuppressedFinding) { suppressed.append(finding) }

  mutating func late(_ record: EventRecord, origin: EventOrigin) throws(Failure) {
    try letters.write([DeadLetter(late: record, origin: origin, interner: interner)])
  }

  mutating func scored(_ batch: EventBatch, row: Int, score: Double?, rules: [String]) {}

  mutating func batchEnded() throws(Failure) {
    if let batch {
      // What a run before this one kept is not kept twice.
      let known = min(batch.count, max(0, kept - events))
      keeper?.keep(batch, rows: known..<batch.count, first: events)
      events += batch.count
    }
    batch = nil
    if let mark {
      position = mark.position
      for turn in mark.turns { add(turn) }
      try letters.write(mark.letters)
    }
    mark = nil
    let isDue = RunMeter.now() - keptAt >= LiveSink.secondsBetween
    if !fresh.isEmpty || !joins.isEmpty || !suppressed.isEmpty || isDue { try commit() }
  }

  private mutating func add(_ turn: SourceMark.Turn) {
    if let last = turns.last, last.file == turn.file {
      turns[turns.count - 1].events += turn.events
    } else {
      turns.append(SourceTurn(start: read, file: turn.file, events: turn.events))
    }
    read += turn.events
  }

  /// Makes everything so far lasting. What the database already knows is not written back to an earlier state.
  mutating func commit() throws(Failure) {
    try letters.flush()
    keptAt = RunMeter.now()
    if events < kept { return }
    let block = try store.write(
      fresh, joined: joins, suppressed: suppressed, owed: owed, run: run,
      progress: SourceProgress(
        source: source, read: read, events: events, position: position,
        updated: WallClock.now()),
      turns: turns, kept: try keeper?.take())
    keeper?.wrote(block)
    kept = events
    fresh.removeAll(keepingCapacity: true)
    owed.removeAll(keepingCapacity: true)
    joins.removeAll(keepingCapacity: true)
    suppressed.removeAll(keepingCapacity: true)
    // The last one may go on.
    turns.removeFirst(max(0, turns.count - 1))
  }

  /// Forgets how the source was read before an event that nobody will go back to.
  func forgetTurns(before event: Int) throws(Failure) {
    try store.forgetTurns(of: source, before: event)
  }
}
