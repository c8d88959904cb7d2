import Ingest
import Learning
import Primitives

/// A CSV of numbers and categories as the learner takes it.
enum TableInput {
  /// A table with what it is to predict.
  struct Labelled {
    /// Without the label.
    var table: NumericTable
    var labels: [Float]
    /// Columns of texts that nobody said were categories.
    var texts: [String]

    /// Says which columns are taken as categories unasked; nothing where none are.
    func warn(_ progress: some JobProgress) {
      if texts.isEmpty { return }
      let names = texts.prefix(10).map { "'\($0)'" }.joined(separator: ", ")
      let more = texts.count > 10 ? " and \(texts.count - 10) more" : ""
      progress.warn(
        texts.count == 1
          ? "column \(names) holds texts and is taken as categories; --without leaves it out"
          : "columns \(names)\(more) hold texts and are taken as categories; --without leaves them"
            + " out")
    }
  }

  /// - Parameters:
  ///   - categorical: columns whose numbers are names of categories.
  ///   - without: columns that are not learned from.
  static func read(
    _ path: String, label: String, categorical: [String] = [], without: [String] = []
  ) throws(Failure) -> Labelled {
    for (option, names) in [("categorical", categorical), ("without", without)]
    where names.contains(label) {
      throw Failure(
        .usage, "--\(option) names the label '\(label)'", advice: "name columns to learn from")
    }
    let file = try NumericFile.read(
      path, categorical: Set(categorical), without: Set(without))
    if let place = file.names.firstIndex(of: label), !file.categories[place].isEmpty {
      throw Failure(
        .input, "\(path): the column '\(label)' holds texts",
        advice: "write what is to be predicted as numbers, such as 0 and 1")
    }
    guard let place = file.names.firstIndex(of: label) else {
      let near = nearestName(to: label, among: file.names)
      throw Failure(
        .usage, "\(path): there is no column '\(label)'",
        advice: near.map { "did you mean '\($0)'?" }
          ?? "its columns are \(file.names.prefix(10).joined(separator: ", "))")
    }
    let (table, labels) = try NumericTable(
      names: file.names, rows: file.rows, values: file.values, categories: file.categories
    ).removing(place)
    return Labelled(table: table, labels: labels, texts: file.texts)
  }

  /// The columns that a model needs, in its order and with its categories; one that it does not know is missing.
  static func read(_ path: String, columns model: Model) throws(Failure) -> NumericTable {
    let named =
      model.categories.isEmpty
      ? []
      : model.features.indices.filter {
        !model.categories[$0].isEmpty
      }.map { model.features[$0] }
    let file = try NumericFile.read(
      path, categorical: Set(named), wanted: Set(model.features))
    if let text = model.features.first(where: { file.texts.contains($0) }) {
      throw Failure(
        .input, "\(path): the column '\(text)' holds texts",
        advice: "the model was trained on it as numbers; write it so")
    }
    return try NumericTable(
      names: file.names, rows: file.rows, values: file.values, categories: file.categories
    ).choosing(model)
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
    if isCategorical(place) {
      throw Failure(
        .usage, "\(path): the column '\(name)' of weights holds texts",
        advice: "name a column of numbers")
    }
    let (rest, weights) = try removing(place)
    return (rest, weights)
  }

  /// The columns that a model needs, in its order.
  func choosing(_ model: Model) throws(Failure) -> NumericTable {
    let columns = try model.columns(in: names)
    if columns == Array(names.indices) { return recoded(to: model.categories) }
    return try choosing(columns).recoded(to: model.categories)
  }
}
