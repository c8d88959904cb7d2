import Detection
import Foundation
import Glibc
import Ingest
import Plugins
package import Primitives
import Store

/// The service: reads the configured sources, judges their events as they come, and keeps alerts in the database.
///
/// However it ends, a later one goes on where it was: no alert is lost, and none is written twice.
package struct RunJob: Sendable {
  private let settings: Settings
  private let untilIdle: Bool
  private let report: String?
  private let stop: StopRequest
  private let ready: @Sendable () -> Void

  /// - Parameters:
  ///   - untilIdle: ends when every source is at its end, for scripts.
  ///   - report: a file for the report as JSON.
  ///   - stop: looked at as soon as `ready` was called.
  ///   - ready: called when every source is open, for which a pipe has to say something first. Until then nothing has been
  ///     judged, and the program can be ended at once.
  package init(
    settings: Settings, untilIdle: Bool = false, report: String? = nil,
    stop: StopRequest = StopRequest(), ready: @escaping @Sendable () -> Void = {}
  ) {
    self.settings = settings
    self.untilIdle = untilIdle
    self.report = report
    self.stop = stop
    self.ready = ready
  }

  /// How often the log has a line, and the data directory the rules' health.
  var secondsBetweenLines = 10.0
  /// How soon what people decide beside it counts.
  var secondsBetweenLooks = 0.5
  /// How often it is looked whether a rule fell silent.
  private static let secondsBetweenHealth = 600.0
  /// How long a stop or a silence may go unnoticed.
  private static let tick = 0.05

  /// - Throws: `Failure(.usage)` where the configuration does not say what to read, `.input` where a source could not
  ///   be read any further: the others have been read to their end or to the stop by then.
  @discardableResult
  package func run(progress: some JobProgress) throws(Failure) -> RunReport {
    try run(progress: progress) { _ in }
  }

  /// - Parameter judged: told each batch whose alerts are in the database.
  func run(
    progress: some JobProgress, judged: (EventBatch) -> Void
  ) throws(Failure) -> RunReport {
    guard !settings.run.inputs.isEmpty else {
      throw Failure(
        .usage, "\(settings.file) names nothing to read",
        advice: "list sources and their files under run.inputs")
    }
    try OutputFile.requireDistinct([report], notOver: try filesRead())
    let reportFile = try JSONReport(report)
    let installation = try Installation(settings)
    try installation.reportPlugins(to: progress)
    let database = try Database.open(dataDirectory: settings.dataDirectory)
    let store = AlertStore(database, pen: .system("run"))
    let named = settings.run.inputs.map { "\($0.source): \($0.paths.joined(separator: " "))" }
    let number = try store.begin(
      RunRecord(
        command: "run", started: WallClock.now(), input: named.joined(separator: "; "),
        settings: settings.deciding))
    let pool = WorkerPool(count: settings.threads)
    let journal = try SetupJournal(SetupStore(database)) { progress.warn($0) }
    defer { journal.finish() }
    let decided = try DecisionWatch(
      store, risk: settings.judgement.risk, secondsBetween: secondsBetweenLooks)
    var lanes: [LiveLane] = []
    for input in settings.run.inputs {
      let lane = try LiveLane(
        input, installation: installation, settings: settings, pool: pool, store: store,
        decided: decided, journal: journal, run: number, progress: progress)
      lanes.append(lane)
      let before = lane.events
      progress.note(
        before == 0
          ? "\(input.source): from the beginning"
          : "\(input.source): going on after \(before) events")
    }
    ready()
    let silence = SilenceTeller(
      store: store,
      desk: lanes.first.map {
        SilenceTeller.Desk(run: number, policy: installation.policy, book: $0.book)
      })
    let responder = Responder(database, lanes.map(\.book), settings) { progress.warn($0) }
    try responder.start()
    defer { responder.stop() }
    let result = try drive(
      lanes, store, decided, silence, responder, progress: progress, judged: judged)
    try store.finish(run: number, digest: nil, events: result.events)
    try reportFile.write(result.json)
    progress.note(result.lastLine)
    return result
  }

  /// Files that it reads: those of the sources that are there, in folders and under patterns too, and the models.
  private func filesRead() throws(Failure) -> [String] {
    var files = settings.run.inputs.compactMap(\.model).map(settings.resolve)
    for input in settings.run.inputs where !input.readsStandardInput {
      for path in input.paths.map(settings.resolve) {
        let places: [String]
        do throws(Failure) {
          places = try InputPaths.expand([path])
        } catch {
          // A pattern that matches nothing yet.
          continue
        }
        for place in places {
          files.append(place)
          var status = stat()
          if stat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            files += try Folder.files(in: place, ending: "").map { "\(place)/\($0)" }
          }
        }
      }
    }
    return files
  }

  /// For `plugins list` and `plugins top`, in place of what the run before left.
  private func leaveHealth(_ report: RunReport, _ lanes: [LiveLane]) throws(Failure) {
    // What each lane was given, and what it has seen since.
    var fields = FieldRecord()
    for lane in lanes { fields.add(lane.usualFields) }
    for lane in lanes { fields.add(lane.fields) }
    try fields.write(settings)
    try HealthFile(
      command: "run", ended: WallClock.now().description, events: report.events,
      plugins: report.plugins, refusedReload: report.refusedReload
    ).write(settings)
  }

  /// Those that judge now, by id, each once.
  private func rules(of lanes: [LiveLane]) -> [String] {
    Set(lanes.flatMap { $0.health.map(\.id) }).sorted()
  }

  private func drive(
    _ lanes: [LiveLane], _ store: AlertStore, _ decided: DecisionWatch, _ silence: SilenceTeller,
    _ responder: Responder, progress: some JobProgress, judged: (EventBatch) -> Void
  ) throws(Failure) -> RunReport {
    var decided = decided
    // Of the whole service: what a source kept leaves also while it is quiet.
    var sweep = RetentionSweep(settings.retention)
    var report = RunReport(lanes)
    let pump = BatchPump(
      lanes.map { lane in
        let name = lane.input.source
        return lane.source.feed(renew: lane.renew) { progress.warn("\(name): \($0)") }
      })
    let loop = RunLoop(pump: pump, lanes: lanes.map(\.lane))
    var silence = silence
    var nextLine = RunMeter.now() + secondsBetweenLines
    var nextHealth = nextLine
    var told: Set<Int> = []
    var broken: Failure?
    do throws(Failure) {
      try loop.run(tick: RunJob.tick, progress: progress) { batch throws(Failure) in
        if let batch { judged(batch.events) }
        if try decided.hasNews() { for lane in lanes { lane.lane.run.know(decided) } }
        for lane in lanes { try lane.serveRefills() }
        try sweep.stepIfDue(store)
        for lane in lanes { try lane.checkpointIfDue(every: settings.run.checkpointEvery) }
        if RunMeter.now() >= nextLine {
          nextLine = RunMeter.now() + secondsBetweenLines
          progress.note(report.line(lanes))
          try leaveHealth(report, lanes)
        }
        if RunMeter.now() >= nextHealth {
          nextHealth = RunMeter.now() + RunJob.secondsBetweenHealth
          try silence.tell(rules(of: lanes), fields: lanes.map(\.fields), to: progress)
        }
        if stop.isStopping { return false }
        if batch != nil { return true }
        for (feed, failure) in pump.failures where told.insert(feed).inserted {
          progress.warn("\(lanes[feed].input.source) is read no further: \(failure)")
        }
        return !(untilIdle && pump.isIdle)
      }
    } catch {
      // A source that broke off; what came before it is judged and kept below.
      broken = error
    }
    for lane in lanes { try lane.finish() }
    do throws(Failure) {
      if untilIdle { try responder.drain { !stop.isStopping } }
    } catch {
      broken = broken ?? error
    }
    responder.stop()
    report.close(lanes)
    report.responses = try responder.counts
    try leaveHealth(report, lanes)
    try silence.tell(rules(of: lanes), fields: lanes.map(\.fields), to: progress)
    if let failure = broken ?? pump.failures.first?.failure { throw failure }
    return report
  }
}
