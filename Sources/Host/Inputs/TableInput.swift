import Ingest
import Learning
import Primitives

/// A CSV of numbers as the learner takes it.
enum TableInput {
  /// A table with what it is to predict.
  struct Labelled {
    /// Without the label.
    var table: NumericTable
    var labels: [Float]
    /// Columns that hold texts, which the learner cannot use.
    var leftOut: [String]

    /// Says which columns are not learned from; nothing where all are.
    func warn(_ progress: some JobProgress) {
      if leftOut.isEmpty { return }
      let names = leftOut.prefix(10).map { "'\($0)'" }.joined(separator: ", ")
      let more = leftOut.count > 10 ? " and \(leftOut.count - 10) more" : ""
      progress.warn(
        leftOut.count == 1
          ? "column \(names) holds texts and is left out: write it as numbers to learn from it"
          : "columns \(names)\(more) hold texts and are left out: write them as numbers to learn"
            + " from them")
    }
  }

  static func read(_ path: String, label: String) throws(Failure) -> Labelled {
    let file = try NumericFile.read(path)
    if file.texts.contains(label) {
      throw Failure(
        .input, "\(path): the column '\(label)' holds texts",
        advice: "write what is to be predicted as numbers, such as 0 and 1")
    }
    guard let (labels, rest) = file.extracting(label) else {
      let near = nearestName(to: label, among: file.names)
      throw Failure(
        .usage, "\(path): there is no column '\(label)'",
        advice: near.map { "did you mean '\($0)'?" }
          ?? "its columns are \(file.names.prefix(10).joined(separator: ", "))")
    }
    return Labelled(
      table: try NumericTable(names: rest.names, rows: rest.rows, values: rest.values),
      labels: labels, leftOut: file.texts)
  }

  /// The columns that a model needs, in its order.
  static func read(_ path: String, columns model: Model) throws(Failure) -> NumericTable {
    let file = try NumericFile.read(path)
    if let text = model.features.first(where: { file.texts.contains($0) }) {
      throw Failure(
        .input, "\(path): the column '\(text)' holds texts",
        advice: "the model was trained on it as numbers; write it so")
    }
    return try NumericTable(names: file.names, rows: file.rows, values: file.values)
      .choosing(model)
  }
}

extension NumericTable {
  /// The table without its column of weights, and the weights; the whole of it where none is named.
  func parting(
    weights name: String?, path: String
  ) throws(Failure) -> (table: NumericTable, weights: [Float]?) {
    guard let name else { return (self, nil) }
    guard let place = names.firstIndex(of: name) else {
      let near = nearestName(to: name, among: names)
      throw Failure(
        .usage, "\(path): there is no column '\(name)' of weights",
        advice: near.map { "did you mean '\($0)'?" } ?? "name a column of numbers")
    }
    var rest: [Float] = []
    rest.reserveCapacity(rows * (columns - 1))
    var weights: [Float] = []
    weights.reserveCapacity(rows)
    for row in 0..<rows {
      let start = row * columns
      weights.append(values[start + place])
      rest += values[start..<(start + place)]
      rest += values[(start + place + 1)..<(start + columns)]
    }
    var others = names
    others.remove(at: place)
    return (try NumericTable(names: others, rows: rows, values: rest), weights)
  }

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
