/// The binned rows that trees grow on: one byte a cell, row after row.
package struct TrainingMatrix: Sendable {
  package let rows: Int
  package let columns: Int
  package let binner: Binner
  /// Row-major, `rows × columns`.
  package let bins: [UInt8]

  /// Bins a table with cuts made from it, or from another table of the same columns.
  package init(
    _ table: NumericTable, binner known: Binner? = nil, bins: Int = 256,
    workers: Workers = Workers(threads: 1)
  ) {
    let binner = known ?? Binner(table, bins: bins, workers: workers)
    precondition(binner.columns == table.columns, "cuts and table have the same columns")
    rows = table.rows
    columns = table.columns
    self.binner = binner
    let (rows, columns) = (rows, columns)
    self.bins = [UInt8](unsafeUninitializedCapacity: rows * columns) { target, count in
      table.values.withUnsafeBufferPointer { values in
        binner.cuts.withUnsafeBufferPointer { cuts in
          workers.performChunks(rows, of: 4096) { chunk in
            for column in 0..<columns {
              let own = UnsafeBufferPointer(
                rebasing: cuts[binner.starts[column]..<binner.starts[column + 1]])
              for row in chunk {
                let cell = row * columns + column
                target[cell] = Binner.bin(values[cell], own)
              }
            }
          }
        }
      }
      count = rows * columns
    }
  }
}
