import Cases
import Console
import Detection
import Foundation
import Host
import Primitives
import Store
import Synchronization
import Testing

@testable import Repl

/// Sunday 1 March 2026, 14:00 UTC.
let afternoon = Timestamp(seconds: 1_772_373_600)

/// A data directory with a few alerts, and the settings of the checkout over it.
final class DataFolder: Sendable {
  let path: String

  init(alerts: [NewAlert] = DataFolder.few) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "moonwatch-repl-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
    let store = AlertStore(try Database.open(dataDirectory: path, access: .readWrite))
    try store.write(
      alerts,
      run: RunRecord(command: "detect x", started: afternoon, input: "x", digest: "d", events: 9))
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path)") }
  }

  /// Six of ana, one an hour from ten hours before the afternoon, two of card 4711, and one whose words are hostile.
  static var few: [NewAlert] {
    (0..<6).map { n in
      NewAlert(
        alert(
          n + 1, at: -600 + 60 * Int64(n), "user", "ana",
          n < 4 ? "auth.off-hours" : "auth.login-burst",
          severity: n == 5 ? .high : .medium))
    } + [
      NewAlert(
        alert(16, at: -5, "card", "4711", "fraud.high-value", severity: .critical, cost: 5000)),
      NewAlert(alert(17, at: -1500, "card", "4711", "fraud.card-testing", severity: .high)),
      NewAlert(
        alert(
          32, at: -3000, "device", "\u{1B}[2Jpc\n9", "quality.flatline", severity: .low,
          message: "=cmd|' /C calc'!A0 \u{202E}gpj")),
    ]
  }

  static func alert(
    _ number: Int, at minute: Int64, _ field: String, _ entity: String, _ rule: String,
    severity: Severity, cost: Double? = 100, message: String = "something happened"
  ) -> Alert {
    let digits = String(number, radix: 16)
    return Alert(
      id: digits + String(repeating: "a", count: 20 - digits.count),
      time: afternoon + .minutes(minute), eventID: "e\(number)", source: "s",
      entity: Entity(field: field, value: entity), kind: .rule, rule: rule, score: 0.5,
      confidence: nil, severity: severity, title: "Title of \(rule)", message: message,
      reasons: [
        Reason(feature: "f", value: 1, normal: 2, contribution: nil, text: "f 1; usually 2")
      ],
      category: "Fraud - Stolen Card", risk: .high, costUSD: cost, costPer: .day, compliance: [],
      action: "look", owner: "fraud_team", slaSeconds: 300, mapping: "m", incident: "inc-1",
      model: nil, pluginsDigest: nil)
  }
}

/// A conversation whose words are collected.
final class Bench {
  let folder: DataFolder
  let session: ReplSession
  let printed = Mutex("")

  init(
    _ folder: DataFolder? = nil, mayWrite: Bool = false, width: Int? = 120
  ) throws {
    let folder = try folder ?? DataFolder()
    self.folder = folder
    let settings = try Bench.settings(folder)
    session = try ReplSession(
      try ReplSession.Options(
        settings: settings, mayWrite: mayWrite, now: afternoon, mode: .table,
        terminal: Terminal(width: width))
    ) { _ in }
  }

  /// Those of the checkout, over a data directory.
  static func settings(_ folder: DataFolder) throws -> Settings {
    var settings = try Settings.load(
      path: Bench.repository + "/config/moonwatch.yaml", environment: [:])
    settings.dataDirectory = folder.path
    return settings
  }

  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// What an expression prints in a mode, or `error: …`.
  func run(_ source: String, _ mode: OutputMode = .table) -> String {
    switch session.run(source) {
    case .incomplete: return "incomplete"
    case .failed(let message): return "error: \(message)"
    case .stopped: return "stopped"
    case .values(let count):
      let view = ValueView(terminal: Terminal(width: 100)) { Owners() }
      do {
        return try ValueOutput(session: session, view: view).text(count, mode)
      } catch {
        return "error: \(error)"
      }
    }
  }
}
