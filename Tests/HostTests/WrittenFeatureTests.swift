import Foundation
import Primitives
import Testing

@testable import Host

/// Needs the card transactions of the shared data folder and a Python that has DuckDB; skipped where either is absent.
private enum Oracle {
  static let python = ProcessInfo.processInfo.environment["MOONWATCH_TEST_PYTHON"]

  static let transactions: String? = {
    let folder =
      ProcessInfo.processInfo.environment["MOONWATCH_TEST_DATA"] ?? repository + "/../shared/data"
    let file = folder + "/fraud_handbook/transactions.csv.zst"
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }()

  static func run(_ arguments: String...) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: try #require(python))
    process.arguments = [repository + "/Tests/Oracles/written_features.py"] + arguments
    process.standardOutput = pipe
    try process.run()
    let said = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: said, as: UTF8.self)
  }
}

@Suite("Written features")
struct WrittenFeatureTests {
  @Test(
    "Of 200,000 card transactions the features written are those that DuckDB computes",
    .enabled(if: Oracle.python != nil && Oracle.transactions != nil))
  func cardTransactions() throws {
    let names = [
      "event_count_1h", "event_count_24h", "event_count_7d", "metric_mean_24h", "metric_std_24h",
      "metric_max_24h", "metric_mean_7d", "pct_change_24h", "time_since_last_event_seconds",
      "delta_1",
    ]
    let lines = names.map { "  - \($0)\n  - { feature: \($0), per: terminal }\n" }
    let scratch = try Scratch([
      "config/moonwatch.yaml": "sources: \(repository)/config/sources\nthreads: 2\n",
      "config/features/oracle.yaml": "features:\n" + lines.joined(),
    ])
    var settings = try Settings.load(
      path: scratch.path + "/config/moonwatch.yaml", environment: [:])
    settings.dataDirectory = scratch.path + "/var"
    let input = scratch.path + "/transactions.csv"
    let out = scratch.path + "/features.csv"
    _ = try Oracle.run("cut", try #require(Oracle.transactions), "200000", input)
    let summary = try FeaturesJob(
      settings: settings, inputs: [input], source: "card-transactions", features: "oracle",
      out: out, strict: true
    ).run(progress: NoProgress())
    #expect(summary.events == 200_000 && summary.features == 20 && summary.deadLetters == 0)
    let said = try Oracle.run("compare", input, out).split(separator: " ").map {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }
    #expect(said.count == 3)
    #expect(said[0] == 200_000)
    #expect(said[1] > 2_000_000)
    #expect(said[2] == 0)
  }

  @Test("Rows hold the event, its time, its entities and every feature, missing ones empty")
  func layout() throws {
    let scratch = try Scratch()
    let settings = try shipped(scratch)
    let input = try scratch.write(
      "t.csv",
      """
      TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD
      1,2018-04-01 00:00:00,"a,b",t1,10,1
      2,2018-04-01 00:30:00,"a,b",t1,12.5,0

      """)
    let out = scratch.path + "/f.csv"
    _ = try FeaturesJob(
      settings: settings, inputs: [input], source: "card-transactions", out: out
    ).run(progress: NoProgress())
    let lines = try text(of: out).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("event_id,time,card,terminal,event_count_1h,event_count_24h,"))
    #expect(!lines[0].contains("FRAUD") && !lines[0].contains("fraud"))
    #expect(lines[1].hasPrefix("1,2018-04-01T00:00:00Z,\"a,b\",t1,1,1,,,,,,,,,,0,6,0,1,0,1,"))
    #expect(
      lines[2].hasPrefix("2,2018-04-01T00:30:00Z,\"a,b\",t1,2,2,10,,,2.5,25,25,1800,2.5,,0,6,"))
  }

  @Test("A feature of labels sees the source's own truth and given labels, each once it is known")
  func labels() throws {
    let scratch = try Scratch([
      "config/moonwatch.yaml": "sources: \(repository)/config/sources\nthreads: 2\n",
      "config/features/bad.yaml": """
      features:
        - { name: bad, label_rate: { per: terminal, within: 1 day, known_after: 1 day } }
        - { name: since, since_label: { per: terminal, known_after: 1 day } }
      """,
    ])
    var settings = try Settings.load(
      path: scratch.path + "/config/moonwatch.yaml", environment: [:])
    settings.dataDirectory = scratch.path + "/var"
    let input = try scratch.write(
      "t.csv",
      """
      TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD
      1,2018-04-01 00:00:00,a,t1,10,1
      2,2018-04-01 06:00:00,b,t1,10,0
      3,2018-04-01 23:59:59,c,t1,10,0
      4,2018-04-02 00:00:00,d,t1,10,0
      5,2018-04-02 06:00:00,e,t1,10,0
      6,2018-04-02 06:30:00,f,t1,10,0

      """)
    let labels = try scratch.write(
      "l.csv",
      """
      entity_field,entity,start,end,type,name,severity,known_at,event_id
      card,b,2018-04-01T06:00:00Z,2018-04-01T06:00:00Z,fraud,late,5,2018-04-02T06:15:00Z,

      """)
    func written(_ labels: String?) throws -> [String] {
      let out = scratch.path + "/f.csv"
      _ = try FeaturesJob(
        settings: settings, inputs: [input], source: "card-transactions", features: "bad",
        out: out, labels: labels
      ).run(progress: NoProgress())
      return try text(of: out).split(separator: "\n").dropFirst().map {
        $0.split(separator: ",", omittingEmptySubsequences: false).suffix(2).joined(separator: " ")
      }
    }
    #expect(try written(nil) == [" ", " ", " ", "1 86400", "0.5 108000", "0.5 109800"])
    #expect(try written(labels) == [" ", " ", " ", "1 86400", "0.5 108000", "1 88200"])
  }
}
