package import Cases
import Detection
import Ingest
import Learning
import Plugins
package import Primitives
import Store

/// What a pass over events is asked to do.
package struct DetectOptions: Sendable {
  package var inputs: [String]
  package var source: String
  /// A model file; missing or `none` for rules alone.
  package var model: String?
  package var plugins: [String]
  package var labels: String?
  package var alerts: String?
  package var scores: String?
  package var report: String?
  package var strict: Bool
  /// Whether alerts go to the database.
  package var keepsAlerts: Bool
  /// Whether plugins that are saved while the pass goes on judge from then on.
  package var reloads: Bool

  package init(
    inputs: [String], source: String, model: String? = nil, plugins: [String] = [],
    labels: String? = nil, alerts: String? = nil, scores: String? = nil, report: String? = nil,
    strict: Bool = false, keepsAlerts: Bool = true, reloads: Bool = false
  ) {
    self.inputs = inputs
    self.source = source
    self.model = model
    self.plugins = plugins
    self.labels = labels
    self.alerts = alerts
    self.scores = scores
    self.report = report
    self.strict = strict
    self.keepsAlerts = keepsAlerts
    self.reloads = reloads
  }
}

/// One pass over files or standard input: what rules and model find becomes alerts.
package struct DetectJob: Sendable {
  private let settings: Settings
  private let options: DetectOptions

  package init(settings: Settings, options: DetectOptions) {
    self.settings = settings
    self.options = options
  }

  /// - Throws: `Failure(.usage)` where plugins, source or model are wrong, `.input` where the events cannot be read.
  package func run(progress: some JobProgress) throws(Failure) -> DetectOutcome {
    let started = RunMeter.now()
    try OutputFile.requireDistinct(
      [options.alerts, options.scores, options.report],
      notOver: options.inputs + [options.labels, options.model].compactMap { $0 })
    let installation = try Installation(settings, folders: options.plugins)
    try installation.reportPlugins(to: progress, strict: options.strict)
    let mapping = try installation.source(options.source)
    let model = try loadModel()
    if let model, let vain = installation.asksInVain(of: model.file, named: model.name) {
      progress.note(vain)
    }
    let input = try EventInput(
      options.inputs, mapping: mapping, settings: settings, strict: options.strict)
    let known = try options.labels.map { (path) throws(Failure) in try LabelSource.read(path) }
    let reportFile = try JSONReport(options.report)
    var plan = try RunPlan(
      installation: installation, settings: settings, mapping: mapping, schema: input.schema,
      interner: input.interner, model: model)
    if options.keepsAlerts { plan.fields = FieldRecord.read(settings, orWarn: progress) }
    let pool = WorkerPool(count: settings.threads)
    let run = try DetectionRun(plan, pool: pool, labels: known)
    let database =
      try options.keepsAlerts ? Database.open(dataDirectory: settings.dataDirectory) : nil
    let store = try database.map { (database) throws(Failure) in
      let store = AlertStore(database, pen: .system("detect"))
      let record = RunRecord(
        command: "detect", started: WallClock.now(), input: options.inputs.joined(separator: " "),
        settings: settings.deciding)
      return (store, try store.begin(record))
    }
    if let store {
      run.mutes = MuteBook(try store.0.mutes().map(\.mute))
      run.judge.know(try Decisions(store.0, risk: settings.judgement.risk))
    }
    var keeper: EventKeeper?
    var journal: SetupJournal?
    defer { journal?.finish() }
    if let store, let database {
      let stream = EventKeeper.Stream(
        source: options.source, inputs: options.inputs, model: model?.name, run: store.1)
      keeper = try EventKeeper.make(
        stream, schema: input.schema, interner: input.interner, store: store.0, settings)
      let made = try SetupJournal(SetupStore(database)) { progress.warn($0) }
      run.write(to: made, judgingBy: installation, stream: stream, run: store.1)
      journal = made
    }
    let book = ResponseBook(installation, onlyRecords: "detect writes down what would be done")
    let sink = try RunSink(
      alerts: options.alerts, scores: options.scores, store: store,
      keeps: options.keepsAlerts, input: input,
      keeper: keeper,
      book: book, retention: settings.retention)

    progress.begin("detect", total: nil)
    let mailbox = GenerationMailbox()
    let watcher =
      try options.reloads
      ? GenerationWatcher(
        settings: settings, folders: options.plugins, running: installation, mailbox: mailbox,
        progress: progress) : nil
    defer { watcher?.stop() }
    let binder = GenerationBinder(
      schema: plan.schema, interner: plan.interner, definitions: run.definitions, mailbox: mailbox)
    let renew: @Sendable () -> BoundGeneration? = { binder.next() }
    let pass = DetectionPass(
      installation: installation, input: input, run: run,
      store: store.map { (alerts: $0.0, run: $0.1) }, renew: options.reloads ? renew : nil)
    let (report, kept) = try pass.drive(into: sink, started: started, progress: progress)
    if store != nil {
      try HealthFile(
        command: "detect", ended: WallClock.now().description, events: report.events,
        plugins: report.plugins
      ).write(settings)
      var fields = plan.fields
      fields.add(run.fieldRecord)
      try fields.write(settings)
      if let store {
        var silence = SilenceTeller(
          store: store.0,
          desk: SilenceTeller.Desk(run: store.1, policy: installation.policy, book: book))
        try silence.tell(report.plugins.map(\.id), fields: [fields], to: progress)
      }
    }
    try reportFile.write(report.json)
    progress.end("")
    return DetectOutcome(
      report: report, alerts: kept.kept, owners: installation.owners,
      deadLetterFile: input.deadLetterPath, stored: options.keepsAlerts, model: model?.name)
  }

  private func loadModel() throws(Failure) -> (file: Model, name: String)? {
    guard let path = options.model, path != "none" else { return nil }
    return (try ModelFile.load(path: path), path)
  }
}

/// A pass that has ended: its report and its alerts in order of arrival.
package struct DetectOutcome: Sendable {
  package var report: DetectReport
  /// None where they are not kept in the database either.
  package var alerts: [(alert: Alert, joined: Int)]
  package var owners: Owners
  /// Missing where every record could be read.
  package var deadLetterFile: String?
  package var stored: Bool
  package var model: String?
}
