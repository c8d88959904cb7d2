/// A feature made of two others of the same event, whoever's they are.
struct DerivedColumn: Sendable {
  enum Operation: Sendable { case ratio, difference }

  var column: Int
  var first: Int
  var second: Int
  var operation: Operation

  /// Writes the cells of the first rows; both parts must be there.
  func write(_ table: FeatureTable, rows: Range<Int>) {
    for row in rows {
      let cells = table.row(row)
      let value =
        operation == .ratio ? cells[first] / cells[second] : cells[first] - cells[second]
      cells[column] = value.isFinite ? value : .nan
    }
  }
}
