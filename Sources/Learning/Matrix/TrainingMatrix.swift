import Detection

/// The binned rows that trees grow on: one byte a cell, row after row, and again column after column.
///
/// Histograms read whole rows; dividing the rows of a node reads one column.
package struct TrainingMatrix: Sendable {
  package let rows: Int
  package let columns: Int
  package let binner: Binner
  /// Row-major, rows `rowStride` bytes apart.
  let rowBins: AlignedBytes
  /// So many that a row touches as few cache lines as it can.
  let rowStride: Int
  /// Column-major, `columns × rows`.
  let columnBins: [UInt8]

  private static let chunk = 4096

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
    var ranks = CutRanks()
    let lists = (0..<columns).map { ranks.append(binner.cuts(of: $0)) }
    let byColumn = [UInt8](unsafeUninitializedCapacity: rows * columns) { target, count in
      table.values.withUnsafeBufferPointer { values in
        if let values = values.baseAddress, let target = target.baseAddress {
          workers.performChunks(rows, of: TrainingMatrix.chunk) { chunk in
            for column in 0..<columns {
              ranks.bins(
                lists[column], values + chunk.lowerBound * columns + column, count: chunk.count,
                stride: columns, into: target + column * rows + chunk.lowerBound)
            }
          }
        }
      }
      count = rows * columns
    }
    columnBins = byColumn
    let rowStride = columns <= 16 ? columns : (columns + 31) / 32 * 32
    let byRow = AlignedBytes(count: rows * rowStride)
    byColumn.withUnsafeBufferPointer { source in
      if let source = source.baseAddress {
        workers.performChunks(rows, of: 512) { chunk in
          for column in 0..<columns {
            let own = source + column * rows
            for row in chunk { byRow.start[row &* rowStride &+ column] = own[row] }
          }
        }
      }
    }
    self.rowStride = rowStride
    rowBins = byRow
  }

  /// Row-major, `rows × columns`, without the gaps between rows.
  package var bins: [UInt8] {
    (0..<rows).flatMap { row in
      (0..<columns).map { rowBins.start[row * rowStride + $0] }
    }
  }
}

/// Bytes that begin where a cache line does.
// Written by the one initializer that makes them and never again, so threads may share them.
final class AlignedBytes: @unchecked Sendable {
  let start: UnsafeMutablePointer<UInt8>

  init(count: Int) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 64)
    start = memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 1))
  }

  deinit { start.deallocate() }
}
