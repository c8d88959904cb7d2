import Cases
import Detection
import Learning
import Primitives
import Store

/// One source of the service: what reads it, what judges it, and the checkpoints of both.
final class LiveLane {
  let input: RunSettings.Input
  let source: LiveSource
  let lane: RunLane<LiveSink>
  /// What its alerts set off, by the plugins that judge.
  let book: ResponseBook
  /// Plugins that are saved while it reads, bound to it.
  let renew: @Sendable () -> BoundGeneration?
  private let watcher: GenerationWatcher
  private let refills = RefillDesk()
  /// Why the last change of the plugins was not taken up.
  let refused = RefusedReload()
  private let folder: CheckpointFolder
  private let writer = CheckpointWriter()
  /// Of the newest checkpoint.
  private var number: Int
  /// Events that had been read at the newest checkpoint and at the one before it.
  private var written: (newest: Int, before: Int)
  private var writtenAt = RunMeter.now()
  private(set) var checkpoints = CheckpointFigures()

  /// A checkpoint may hold up the events for one part in so many of the time.
  private static let pauseShare = 20.0

  init(
    _ input: RunSettings.Input, installation: Installation, settings: Settings, pool: WorkerPool,
    store: AlertStore, decided: DecisionWatch, journal: SetupJournal, run: Int64,
    progress: some JobProgress
  ) throws(Failure) {
    let warn: (String) -> Void = { progress.warn($0) }
    self.input = input
    let mapping = try installation.source(input.source)
    folder = try CheckpointFolder(dataDirectory: settings.dataDirectory, source: input.source)
    var start = try LiveStart(input, folder: folder, store: store, warn: warn)
    source = try LiveSource(
      input, mapping: mapping, settings: settings, position: start.position, turns: start.turns)
    if start.position.isEmpty { start.position = source.start }
    let model = try input.model.map { (path) throws(Failure) in
      let place = settings.resolve(path)
      return (file: try ModelFile.load(path: place), name: path)
    }
    if let model, let vain = installation.asksInVain(of: model.file, named: model.name) {
      progress.note("\(input.source): \(vain)")
    }
    var plan = try RunPlan(
      installation: installation, settings: settings, mapping: mapping, schema: source.schema,
      interner: source.interner, model: model)
    usualFields = FieldRecord.read(settings, orWarn: progress)
    plan.fields = usualFields
    let detection = try DetectionRun(plan, pool: pool)
    let duplicates = DuplicateFilter()
    if let checkpoint = start.checkpoint {
      try LiveLane.restore(checkpoint, into: detection, duplicates, of: input.source, warn: warn)
    }
    detection.know(decided)
    detection.begin(at: start.events, quietUntil: start.quietUntil)
    let stream = EventKeeper.Stream.service(
      input.source, model: input.model.map(settings.resolve))
    detection.write(to: journal, judgingBy: installation, stream: stream, run: run)
    let mailbox = GenerationMailbox()
    let binder = GenerationBinder(
      schema: plan.schema, interner: plan.interner, definitions: detection.definitions,
      rules: plan.rules, mailbox: mailbox,
      frame: Refill.Frame(
        schema: plan.schema, interner: plan.interner, pool: pool,
        allowedLateness: plan.allowedLateness))
    detection.refills = refills
    let name = input.source
    watcher = try GenerationWatcher(
      settings: settings, folders: [], running: installation, mailbox: mailbox,
      gate: settings.run.gatesReloads
        ? ReloadGate(settings: settings, source: input.source, model: input.model) : nil,
      refiller: Refiller(
        source: name, dataDirectory: settings.dataDirectory, schema: plan.schema,
        allowedLateness: plan.allowedLateness,
        desk: refills, binder: binder, warn: { progress.warn("\(name): \($0)") }),
      refused: refused, progress: progress)
    renew = { binder.next() }
    book = ResponseBook(installation, of: input.source)
    detection.book = book
    let letters = try LetterFile(folder: folder, keeping: start.letterBytes)
    lane = RunLane(
      detection,
      output: LiveSink(
        source: input.source, store: store, run: run, letters: letters,
        interner: source.interner,
        keeper: try EventKeeper.make(
          stream, schema: source.schema, interner: source.interner, store: store, settings),
        book: book, from: start),
      duplicates: duplicates)
    number = try folder.numbers().last ?? 0
    written = (start.read, 0)
    if start.checkpoint == nil {
      // Before the first alert, or a restart could find alerts whose windows it cannot make again.
      try lane.output.commit()
      number += 1
      try folder.write(number, checkpoint().encoded)
    }
  }

  private static func restore(
    _ checkpoint: Checkpoint, into detection: DetectionRun, _ duplicates: DuplicateFilter,
    of source: String, warn: (String) -> Void
  ) throws(Failure) {
    do {
      var reader = StateReader(checkpoint.duplicates[...])
      try duplicates.decode(&reader)
      for sentence in try detection.restore(checkpoint.state) {
        warn("source '\(source)': \(sentence)")
      }
    } catch {
      throw Failure(
        .internal, "the checkpoint of '\(source)' cannot be used: \(error.what)",
        advice: "move \(source)'s folder under the data directory's run/ away to start anew")
    }
  }

  /// How its rules fare. Between batches.
  var health: [PluginHealth] { lane.run.health }

  /// Which fields events carried in runs before this one.
  let usualFields: FieldRecord
  /// Which fields its events carry. Between batches.
  var fields: FieldRecord { lane.run.fieldRecord }

  /// Judged since the source was first read.
  var events: Int { lane.output.events }

  /// For between batches.
  private func checkpoint() -> Checkpoint {
    var remembered = StateWriter()
    lane.duplicates?.encode(&remembered)
    return Checkpoint(
      read: lane.output.read, events: lane.output.events, position: lane.output.position,
      letterBytes: lane.output.letters.size, state: lane.run.state(), duplicates: remembered.bytes)
  }

  /// Writes a checkpoint beside the events, where one is due. Between batches.
  func checkpointIfDue(every span: TimeSpan) throws(Failure) {
    let waited = RunMeter.now() - writtenAt
    guard waited >= span.seconds, waited >= checkpoints.lastPause * LiveLane.pauseShare,
      lane.output.read > written.newest, try !writer.isWriting()
    else { return }
    // What the newest file but one does not need is forgotten only now that the newest is lasting.
    try lane.output.forgetTurns(before: written.before)
    try begin()
  }

  // A run that ends with an error leaves nobody waiting for its next batch.
  deinit { refills.stop() }

  /// Why the newest change of the plugins was taken back, where it was.
  var undoneReload: String? {
    lane.run.report.reloads.last.flatMap { reload in
      reload.undone.map { "reload \(reload.number) was undone: \($0)" }
    }
  }

  /// Tells whoever fills windows beside it where it stands. Between batches.
  func serveRefills() throws(Failure) {
    try refills.serve(events: lane.output.events, time: lane.run.streamTime) { () throws(Failure) in
      try lane.output.commit()
    }
  }

  /// Writes a last checkpoint and waits for the disk. No batch follows.
  func finish() throws(Failure) {
    watcher.stop()
    refills.stop()
    try writer.settle()
    try lane.output.commit()
    if lane.output.read > written.newest {
      try begin()
      try writer.settle()
    }
  }

  private func begin() throws(Failure) {
    let start = RunMeter.now()
    // The database must never know less than a checkpoint.
    try lane.output.commit()
    let encoded = checkpoint().encoded
    number += 1
    writer.write(number, encoded, to: folder)
    writtenAt = RunMeter.now()
    written = (lane.output.read, written.newest)
    checkpoints.add(pause: writtenAt - start, bytes: encoded.count)
  }
}

/// What checkpoints cost.
struct CheckpointFigures {
  private(set) var count = 0
  private(set) var bytes = 0
  private(set) var lastPause = 0.0
  private(set) var longestPause = 0.0

  mutating func add(pause seconds: Double, bytes: Int) {
    count += 1
    self.bytes = bytes
    lastPause = seconds
    longestPause = max(longestPause, seconds)
  }

  var json: JSONValue {
    [
      "count": .integer(Int64(count)), "bytes": .integer(Int64(bytes)),
      "longest_pause_ms": .number(longestPause * 1000),
    ]
  }
}
