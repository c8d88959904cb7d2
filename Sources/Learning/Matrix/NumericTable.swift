package import Primitives

/// Named columns of numbers, row after row in order of time; missing is NaN. What is trained on and scored.
///
/// In a column of categories each number is the place of the row's category among the column's.
package struct NumericTable: Sendable {
  package let names: [String]
  package let rows: Int
  /// Row-major, `rows × names.count`.
  package let values: [Float]
  /// By column, its categories; empty for a column of numbers. Empty where all columns are.
  package let categories: [[String]]

  package init(
    names: [String], rows: Int, values: [Float], categories: [[String]] = []
  ) throws(Failure) {
    precondition(
      categories.isEmpty || categories.count == names.count, "every column has its categories")
    guard !names.isEmpty else {
      throw Failure(.input, "the table has no feature columns", advice: "give at least one number")
    }
    var seen = Set<String>()
    for name in names where !seen.insert(name).inserted {
      throw Failure(.input, "the table has two columns '\(name)'", advice: "rename one")
    }
    guard rows >= 0, values.count == rows * names.count else {
      throw Failure(
        .input, "the table has \(values.count) cells, not \(rows) × \(names.count)",
        advice: "give every row a cell for every column")
    }
    self.names = names
    self.rows = rows
    self.values = values
    self.categories = categories
  }

  package var columns: Int { names.count }

  package func isCategorical(_ column: Int) -> Bool {
    !categories.isEmpty && !categories[column].isEmpty
  }

  /// Rows of a range as a table of their own.
  package func slice(_ range: Range<Int>) -> NumericTable {
    NumericTable(
      unchecked: names, rows: range.count,
      values: Array(values[(range.lowerBound * columns)..<(range.upperBound * columns)]),
      categories: categories)
  }

  /// The chosen rows in the given order.
  package func gather(_ chosen: [Int]) -> NumericTable {
    var picked: [Float] = []
    picked.reserveCapacity(chosen.count * columns)
    for row in chosen { picked += values[(row * columns)..<((row + 1) * columns)] }
    return NumericTable(
      unchecked: names, rows: chosen.count, values: picked, categories: categories)
  }

  /// The table without the column at `place`, and that column.
  package func removing(_ place: Int) throws(Failure) -> (table: NumericTable, column: [Float]) {
    let kept = names.indices.filter { $0 != place }
    let column = (0..<rows).map { values[$0 * columns + place] }
    return (try choosing(kept), column)
  }

  /// The columns at `places`, in that order.
  package func choosing(_ places: [Int]) throws(Failure) -> NumericTable {
    var chosen: [Float] = []
    chosen.reserveCapacity(rows * places.count)
    for row in 0..<rows {
      let start = row * columns
      for place in places { chosen.append(values[start + place]) }
    }
    return try NumericTable(
      names: places.map { names[$0] }, rows: rows, values: chosen,
      categories: categories.isEmpty ? [] : places.map { categories[$0] })
  }

  /// The same columns and rows with other cells.
  func replacing(values: [Float], categories: [[String]]? = nil) -> NumericTable {
    precondition(values.count == self.values.count, "a table keeps its shape")
    return NumericTable(
      unchecked: names, rows: rows, values: values, categories: categories ?? self.categories)
  }

  private init(unchecked names: [String], rows: Int, values: [Float], categories: [[String]]) {
    self.categories = categories
    self.names = names
    self.rows = rows
    self.values = values
  }
}
