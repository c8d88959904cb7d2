import Detection
import Primitives

/// Feature rows of a stream with what is known to be true of each, in order of arrival.
struct TrainingRows {
  let names: [String]
  /// Row-major, `count × names.count`; missing is NaN.
  private(set) var values: [Float] = []
  private(set) var times: [Timestamp] = []
  /// A hash of each event's source and first entity: what orders events of one instant, whatever order their files were
  /// given in. Not of its id, which may be made of its place among all that was read.
  private(set) var keys: [UInt64] = []
  private(set) var isPositive: [Bool] = []
  /// The incident that a row belongs to; rows of one incident stay on one side of a split.
  private(set) var incidents: [Int?] = []
  private(set) var sources: [Symbol] = []
  /// The name of the row's label; empty without one.
  private(set) var labelNames: [String] = []

  private let columns: [Int]
  private var known: [IncidentKey: Int] = [:]

  private struct IncidentKey: Hashable {
    var name: String
    var entity: String
    var start: Timestamp
    var end: Timestamp
  }

  /// - Parameter columns: where the named features stand in the feature table.
  init(names: [String], columns: [Int]) {
    self.names = names
    self.columns = columns
  }

  var count: Int { times.count }
  var positives: Int { isPositive.count { $0 } }

  mutating func add(
    _ batch: EventBatch, _ table: FeatureTable, without left: Set<Int> = [], labels: LabelIndex,
    scenarios: [String: String] = [:], interner: Interner
  ) {
    for row in 0..<batch.count where !left.contains(row) {
      let cells = table.row(row)
      for column in columns { values.append(Float(cells[column])) }
      times.append(batch.time(row))
      sources.append(batch.sources[row])
      let source = StableHash.of(interner.bytes(of: batch.sources[row]))
      let entity = batch.primaryEntity(row).map { interner.bytes(of: $0.value) }
      keys.append(entity.map { StableHash.of($0, seed: source) } ?? source)
      guard let label = labels.label(of: row, in: batch, interner: interner) else {
        isPositive.append(false)
        incidents.append(nil)
        labelNames.append("")
        continue
      }
      let key = IncidentKey(
        name: label.name, entity: "\(label.entityField)=\(label.entity)", start: label.start,
        end: label.end)
      let incident = known[key] ?? known.count
      known[key] = incident
      isPositive.append(true)
      incidents.append(incident)
      labelNames.append(scenarios[label.name] ?? label.name)
    }
  }

  /// Drops the rows from an instant on.
  mutating func keep(before end: Timestamp) {
    let kept = times.indices.filter { times[$0] < end }
    if kept.count == count { return }
    let width = names.count
    values = kept.flatMap { values[($0 * width)..<(($0 + 1) * width)] }
    times = kept.map { times[$0] }
    keys = kept.map { keys[$0] }
    isPositive = kept.map { isPositive[$0] }
    incidents = kept.map { incidents[$0] }
    sources = kept.map { sources[$0] }
    labelNames = kept.map { labelNames[$0] }
  }
}
