import Detection
import Foundation
import Primitives
import Testing

/// Needs the card transactions of the shared data folder and a Python that has DuckDB; skipped where either is absent.
private enum Oracle {
  static var python: String? { ProcessInfo.processInfo.environment["MOONWATCH_TEST_PYTHON"] }

  static var transactions: String? {
    let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder =
      ProcessInfo.processInfo.environment["MOONWATCH_TEST_DATA"].map { URL(filePath: $0) }
      ?? checkout.deletingLastPathComponent().appending(path: "shared/data")
    let file = folder.appending(path: "fraud_handbook/transactions.csv.zst").path()
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }

  static func run(rows: Int) throws -> [[Substring]] {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Oracles/standard_windows.py").path()
    let out = FileManager.default.temporaryDirectory.appending(
      path: "moonwatch-windows-\(UUID()).csv")
    defer { try? FileManager.default.removeItem(at: out) }
    let process = Process()
    process.executableURL = URL(filePath: try #require(python))
    process.arguments = [script, try #require(transactions), out.path(), String(rows)]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try String(contentsOf: out, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
  }
}

@Suite("Windows against DuckDB")
struct DuckDBTests {
  private static let day = TimeSpan.days(1)
  private static let features: [FeatureDefinition] = [
    .count(.primary, within: .hours(1)), .count(.primary, within: day),
    .count(.primary, within: .days(7)),
    .aggregate(.mean, .primary, of: nil, within: day),
    .aggregate(.std, .primary, of: nil, within: day),
    .aggregate(.max, .primary, of: nil, within: day),
    .aggregate(.min, .primary, of: nil, within: .days(7)),
    .aggregate(.mean, .primary, of: nil, within: .days(7)),
    .aggregate(.sum, .primary, of: nil, within: day),
    .aggregate(.first, .primary, of: nil, within: .hours(1)),
    .aggregate(.first, .primary, of: nil, within: day),
    .sinceLast(.primary),
  ]

  @Test(
    "200,000 card transactions have the features that DuckDB computes",
    .enabled(if: Oracle.python != nil && Oracle.transactions != nil))
  func cardTransactions() throws {
    let rows = try Oracle.run(rows: 200_000)
    #expect(rows.count == 200_000)
    let schema = try Schema([("account", .text), ("terminal", .text), ("amount", .number)])
    let interner = Interner()
    let plan = try FeaturePlan(
      features: DuckDBTests.features + [.difference(.primary, of: nil, order: 1)], schema: schema,
      interner: interner)
    let engine = FeatureEngine(plan: plan, shards: 2)
    let batch = EventBatch(schema: schema)
    let table = FeatureTable(columns: plan.columns)
    let kind = interner.intern("transaction")
    let noID = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var compared = 0
    var next = 0
    while next < rows.count {
      batch.removeAll()
      let first = next
      while !batch.isFull && next < rows.count {
        let row = rows[next]
        batch.set(text: interner.intern(String(row[0])), slot: 0)
        batch.set(text: interner.intern(String(row[1])), slot: 1)
        batch.set(number: try #require(Double(row[3])), slot: 0)
        batch.commit(
          time: Timestamp(microseconds: try #require(Int64(row[2]))), kind: kind, source: kind,
          primarySlot: 0, id: noID)
        next += 1
      }
      for shard in 0..<2 { engine.process(batch, into: table, shard: shard) }
      for row in 0..<batch.count where rows[first + row][4] == "1" {
        compared += 1
        for (column, feature) in DuckDBTests.features.enumerated() {
          let wanted = Double(rows[first + row][5 + column]) ?? .nan
          let got = table[row, column]
          if !close(got, wanted, 1e-9) {
            Issue.record("row \(first + row), \(feature): \(got), not \(wanted)")
            return
          }
        }
        let previous = Double(rows[first + row][17]) ?? .nan
        #expect(close(table[row, 12], batch.number(row, 0) - previous, 1e-12))
      }
    }
    #expect(compared > 150_000)
  }
}
