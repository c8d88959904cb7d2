import Foundation
import Primitives
import Testing

/// The log of a real host on the internet, where it is at hand.
@Suite("Real log") struct RealLogTests {
  private static let log: String? = {
    let data =
      ProcessInfo.processInfo.environment["MOONWATCH_TEST_DATA"].map { URL(fileURLWithPath: $0) }
      ?? Program.repository.deletingLastPathComponent().appendingPathComponent("shared/data")
    let folder = data.appendingPathComponent("ssh_auth_elastic")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.sorted().first { $0.contains(".log") }.map {
      folder.appendingPathComponent($0).path
    }
  }()

  @Test(
    "The break-in into a real host is named, among alerts that a person can read",
    .enabled(if: log != nil, "the public data sets are not here"))
  func breakIn() async throws {
    let workspace = try Workspace()
    let outcome = try await workspace.run(
      "detect", try #require(RealLogTests.log), "--source", "sshd-auth", "--model", "none",
      "--alerts", "alerts.jsonl", "--report", "r.json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let alerts = try workspace.jsonLines("alerts.jsonl")
    let found = alerts.filter { alert in
      let text = "\(alert["message"].text ?? "") \(alert["entity"]["value"].text ?? "")"
      return alert["rule"] == "auth.success-after-failures" && text.contains("24.151.103.17")
        && text.contains("elastic_user_0")
        && alert["time"].text?.hasPrefix("2017-03-30T") == true
    }
    #expect(!found.isEmpty)
    #expect(alerts.count <= 60)
    let report = try workspace.json("r.json")
    #expect(report["alerts"].number == Double(alerts.count))
    #expect(report["dead_letters"] == 0)
  }
}
