import Ingest
import Learning
import Primitives

/// A CSV of numbers as the learner takes it.
enum TableInput {
  /// The columns without the label, and the label.
  static func read(
    _ path: String, label: String
  ) throws(Failure) -> (table: NumericTable, labels: [Float]) {
    let file = try NumericFile.read(path)
    guard let (labels, rest) = file.extracting(label) else {
      let near = nearestName(to: label, among: file.names)
      throw Failure(
        .usage, "\(path): there is no column '\(label)'",
        advice: near.map { "did you mean '\($0)'?" }
          ?? "its columns are \(file.names.prefix(10).joined(separator: ", "))")
    }
    return (try NumericTable(names: rest.names, rows: rest.rows, values: rest.values), labels)
  }

  /// The columns that a model needs, in its order.
  static func read(_ path: String, columns model: Model) throws(Failure) -> NumericTable {
    let file = try NumericFile.read(path)
    return try NumericTable(names: file.names, rows: file.rows, values: file.values)
      .choosing(model)
  }
}

extension NumericTable {
  /// The columns that a model needs, in its order.
  func choosing(_ model: Model) throws(Failure) -> NumericTable {
    let columns = try model.columns(in: names)
    if columns == Array(names.indices) { return self }
    var chosen: [Float] = []
    chosen.reserveCapacity(rows * columns.count)
    for row in 0..<rows {
      let start = row * names.count
      for column in columns { chosen.append(values[start + column]) }
    }
    return try NumericTable(names: model.features, rows: rows, values: chosen)
  }
}
