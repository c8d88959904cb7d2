import Detection
import Foundation
import Ingest
package import Learning
package import Primitives

/// Scores a table of numbers and writes a line a row.
package struct ScoreJob: Sendable {
  private let settings: Settings
  private let table: String
  private let model: String
  private let out: String
  private let margin: Bool
  private let contributions: Bool
  private let report: String?

  package init(
    settings: Settings, table: String, model: String, out: String, margin: Bool = false,
    contributions: Bool = false, report: String? = nil
  ) {
    self.settings = settings
    self.table = table
    self.model = model
    self.out = out
    self.margin = margin
    self.contributions = contributions
    self.report = report
  }

  package func run(progress: some JobProgress) throws(Failure) -> ScoreReport {
    try OutputFile.requireDistinct([out, report], notOver: [table, self.model])
    let model = try ModelFile.load(path: model)
    let file = try OutputFile(out)
    let reportFile = try JSONReport(report)
    progress.begin("read", total: nil)
    let rows = try TableInput.read(table, columns: model)
    progress.end("\(rows.rows) rows")
    let scorer = TableScorer(model, threads: settings.threads)
    let (margins, scored) = scorer.score(rows)
    if contributions {
      try writeContributions(scorer, rows, to: file)
    } else {
      try file.write(margin ? "row,margin\n" : "row,score\n")
      for (row, value) in margins.enumerated() {
        try file.write("\(row),\(margin ? value : model.score(value))\n")
      }
    }
    try file.finish()
    try reportFile.write(scored)
    return scored
  }

  private func writeContributions(
    _ scorer: TableScorer, _ rows: NumericTable, to file: OutputFile
  ) throws(Failure) {
    try file.write(CSVCell.line(["row"] + scorer.model.features + ["bias"]))
    let width = rows.columns + 1
    let step = 10_000
    for start in stride(from: 0, to: rows.rows, by: step) {
      let part = rows.slice(start..<min(rows.rows, start + step))
      let values = scorer.contributions(part)
      for row in 0..<part.rows {
        let cells = values[(row * width)..<((row + 1) * width)]
        try file.write("\(start + row)," + cells.map(\.description).joined(separator: ",") + "\n")
      }
    }
  }
}
