import Detection

/// How fast a model scored; every figure was measured on the rows at hand, or is absent.
package struct ScoreReport: Sendable, Encodable {
  package struct Latency: Sendable, Encodable {
    package var p50: Double
    package var p99: Double
  }

  package var rows: Int
  package var scoreSeconds: Double
  package var rowsPerSecond: Double?
  /// Microseconds to score one row by itself.
  package var singleRow: Latency?
  /// Rows explained a second, over all threads.
  package var attributedRowsPerSecond: Double?
  package var threads: Int

  private enum CodingKeys: String, CodingKey {
    case rows, threads
    case scoreSeconds = "score_s"
    case rowsPerSecond = "rows_per_s"
    case singleRow = "single_row_us"
    case attributedRowsPerSecond = "shap_rows_per_s"
  }
}

/// Scores a table whose columns are the model's features, and times it.
package struct TableScorer: Sendable {
  package let model: Model
  package let workers: Workers

  package init(_ model: Model, threads: Int = 0) {
    self.model = model
    workers = Workers(threads: threads)
  }

  private static let singleRows = 2000
  private static let attributedRows = 5000
  /// From here on it pays to make tables first.
  private static let rowsForTables = 500

  /// The margin of every row, with a report; one row at a time and attributions are timed on the first rows.
  package func score(_ table: NumericTable) -> (margins: [Double], report: ScoreReport) {
    let clock = ContinuousClock()
    let start = clock.now
    let margins = model.forest.margins(table, workers: workers)
    let spent = seconds(clock.now - start)
    var report = ScoreReport(
      rows: table.rows, scoreSeconds: spent, rowsPerSecond: nil, singleRow: nil,
      attributedRowsPerSecond: nil, threads: workers.threads)
    if table.rows == 0 { return (margins, report) }
    if spent > 0 { report.rowsPerSecond = Double(table.rows) / spent }
    report.singleRow = singleRowLatency(table, margins)
    let sample = table.slice(0..<min(table.rows, TableScorer.attributedRows))
    let explained = clock.now
    _ = contributions(sample)
    let explaining = seconds(clock.now - explained)
    if explaining > 0 { report.attributedRowsPerSecond = Double(sample.rows) / explaining }
    return (margins, report)
  }

  /// Row after row: the attribution of each feature, then the bias; together they are the row's margin.
  package func contributions(_ table: NumericTable) -> [Double] {
    let width = table.columns + 1
    if table.rows >= TableScorer.rowsForTables,
      let tables = AttributionTables(model.forest, perform: { workers.perform($0, $1) })
    {
      return [Double](unsafeUninitializedCapacity: table.rows * width) { target, count in
        table.values.withUnsafeBufferPointer { values in
          if let rows = values.baseAddress, let target = target.baseAddress {
            workers.performChunks(table.rows, of: 512) { chunk in
              let start = target + chunk.lowerBound * width
              tables.attribute(
                rows + chunk.lowerBound * table.columns, count: chunk.count, into: start,
                stride: width)
              for row in 0..<chunk.count { start[row * width + width - 1] = tables.bias }
            }
          }
        }
        count = table.rows * width
      }
    }
    let explainer = TreeSHAP(model.forest)
    return [Double](unsafeUninitializedCapacity: table.rows * width) { target, count in
      table.values.withUnsafeBufferPointer { values in
        if let rows = values.baseAddress, let target = target.baseAddress {
          workers.performChunks(table.rows, of: 64) { chunk in
            for row in chunk {
              explainer.attribute(rows + row * table.columns, into: target + row * width)
              target[row * width + width - 1] = explainer.bias
            }
          }
        }
      }
      count = table.rows * width
    }
  }

  private func singleRowLatency(_ table: NumericTable, _ margins: [Double]) -> ScoreReport.Latency {
    let clock = ContinuousClock()
    var micros: [Double] = []
    table.values.withUnsafeBufferPointer { values in
      guard let rows = values.baseAddress else { return }
      for row in 0..<min(table.rows, TableScorer.singleRows) {
        let start = clock.now
        let margin = model.forest.margin(rows + row * table.columns)
        micros.append(seconds(clock.now - start) * 1e6)
        precondition(margin == margins[row], "a row scores the same alone and in a block")
      }
    }
    micros.sort()
    return ScoreReport.Latency(
      p50: Interval.quantile(micros, 0.5), p99: Interval.quantile(micros, 0.99))
  }
}
