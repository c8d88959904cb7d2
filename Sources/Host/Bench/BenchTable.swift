import Foundation
import Learning
import Primitives

/// The labelled table that `bench fit` and `bench score` work on: a CSV, or one made from a seed.
package struct BenchTable: Sendable {
  private enum Origin: Sendable {
    case file(path: String, label: String)
    case made(rows: Int, columns: Int, seed: UInt64)
  }
  private let origin: Origin

  package static func file(_ path: String, label: String) -> BenchTable {
    BenchTable(origin: .file(path: path, label: label))
  }

  /// A detection problem: 2 % of the rows are positive by a rule with thresholds and a product, and noise; one cell in
  /// fifty is missing.
  package static func made(rows: Int, columns: Int, seed: UInt64) -> BenchTable {
    BenchTable(origin: .made(rows: rows, columns: columns, seed: seed))
  }

  var settings: [JSONValue.Member] {
    switch origin {
    case .file(let path, let label): [.init("table", .text(path)), .init("label", .text(label))]
    case .made(let rows, let columns, let seed):
      [
        .init("made_rows", .integer(Int64(rows))), .init("made_columns", .integer(Int64(columns))),
        .init("made_seed", .text("\(seed)")),
      ]
    }
  }

  func read() throws(Failure) -> (table: NumericTable, labels: [Float]) {
    switch origin {
    case .file(let path, let label):
      let read = try TableInput.read(path, label: label)
      return (
        read.table.recoded(to: Categories.chosen(from: read.table, bins: 256)), read.labels
      )
    case .made(let rows, let columns, let seed): return try make(rows, columns, seed)
    }
  }

  private func make(
    _ rows: Int, _ columns: Int, _ seed: UInt64
  ) throws(Failure) -> (table: NumericTable, labels: [Float]) {
    var random = SeededRandom(seed: seed, purpose: "bench")
    var values: [Float] = []
    var labels: [Float] = []
    values.reserveCapacity(rows * columns)
    labels.reserveCapacity(rows)
    var row = [Double](repeating: 0, count: columns)
    for _ in 0..<rows {
      for column in 0..<columns { row[column] = random.normal() }
      let product = row[0] * row[min(1, columns - 1)]
      let step = row[min(2, columns - 1)] > 1.2 ? 2.0 : 0
      let margin = product + step + row[min(3, columns - 1)] - 5.2
      labels.append(random.chance(1 / (1 + exp(-margin))) ? 1 : 0)
      for cell in row { values.append(random.chance(0.02) ? .nan : Float(cell)) }
    }
    let names = (0..<columns).map { "f\($0)" }
    return (try NumericTable(names: names, rows: rows, values: values), labels)
  }
}
