/// The feature values of one batch, row by row; missing is NaN.
///
/// Workers write disjoint cells of it at the same time and it is read after all of them have finished.
package final class FeatureTable: @unchecked Sendable {
  // Unchecked because each (row, column) cell is written by the one worker that owns the row's entity.
  package let columns: Int
  package let capacity: Int
  package let values: UnsafeMutablePointer<Double>

  package init(columns: Int, capacity: Int = EventBatch.standardCapacity) {
    self.columns = columns
    self.capacity = capacity
    values = .allocate(capacity: max(1, columns * capacity))
    values.initialize(repeating: .nan, count: max(1, columns * capacity))
  }

  deinit { values.deallocate() }

  package func row(_ row: Int) -> UnsafeMutablePointer<Double> { values + row * columns }

  package subscript(row: Int, column: Int) -> Double { values[row * columns + column] }
}
