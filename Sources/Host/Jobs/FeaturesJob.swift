import Detection
import Ingest
package import Primitives

/// Writes what is computed of every event: the same code, and so the same values, as in training and detection.
package struct FeaturesJob: Sendable {
  private let settings: Settings
  private let inputs: [String]
  private let source: String
  private let features: String?
  private let out: String
  private let labels: String?
  private let strict: Bool

  package init(
    settings: Settings, inputs: [String], source: String, features: String? = nil, out: String,
    labels: String? = nil, strict: Bool = false
  ) {
    self.settings = settings
    self.inputs = inputs
    self.source = source
    self.features = features
    self.out = out
    self.labels = labels
    self.strict = strict
  }

  package struct Summary: Sendable {
    package var events: Int
    package var features: Int
    package var deadLetters: Int
  }

  package func run(progress: some JobProgress) throws(Failure) -> Summary {
    try OutputFile.requireDistinct([out], notOver: inputs + [labels].compactMap { $0 })
    let mapping = try Installation.source(source, settings)
    let known = LabelIndex(
      try labels.map { (path) throws(Failure) in try LabelSource.read(path) } ?? [])
    let input = try EventInput(inputs, mapping: mapping, settings: settings, strict: strict)
    let set = try FeatureSets.named(features, mapping: mapping, schema: input.schema, settings)
    let stage = try FeatureStage(
      features: set.features.map(\.definition), schema: input.schema, interner: input.interner,
      pool: WorkerPool(count: settings.threads), allowedLateness: settings.allowedLateness)
    let columns = stage.plan.columns(of: set)
    let entities = mapping.entityColumns.compactMap { input.schema.field($0) }
    let file = try OutputFile(out)
    var line: [UInt8] = []
    let header = ["event_id", "time"] + entities.map(\.name) + set.features.map(\.name)
    try file.write(CSVCell.line(header))
    var events = 0
    progress.begin("features", total: nil)
    let pump = input.pump()
    defer { pump.cancel() }
    while let batch = try pump.next() {
      let late = Set(stage.process(batch, labels: known))
      for row in 0..<batch.events.count {
        if late.contains(row) {
          try input.putAside(
            late: batch.events.record(row, interner: input.interner),
            origin: batch.events.origins[row])
          continue
        }
        line.removeAll(keepingCapacity: true)
        batch.events.withID(row) { CSVCell.append($0, to: &line) }
        line.append(UInt8(ascii: ","))
        line.append(contentsOf: batch.events.time(row).description.utf8)
        for entity in entities {
          line.append(UInt8(ascii: ","))
          CSVCell.append(
            input.interner.bytes(of: batch.events.text(row, entity.slot)), to: &line)
        }
        let cells = stage.table.row(row)
        for column in columns {
          line.append(UInt8(ascii: ","))
          append(cells[column], to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        try file.write(line)
      }
      events += batch.events.count - late.count
      progress.advance(to: events, share: input.progress)
      pump.recycle(batch)
    }
    try input.finish()
    try file.finish()
    var report = DetectReport()
    input.fill(&report)
    progress.end("\(events) rows")
    return Summary(events: events, features: set.features.count, deadLetters: report.deadLetters)
  }

  /// The shortest digits that read back to the same number; whole numbers without a point; nothing where missing.
  private func append(_ value: Double, to line: inout [UInt8]) {
    if value.isNaN { return }
    if let whole = Int64(exactly: value) {
      line.append(contentsOf: whole.description.utf8)
    } else {
      line.append(contentsOf: value.description.utf8)
    }
  }
}
