import Foundation
import Testing

/// The plugins of the checkout, through the commands that people and programs use on them.
@Suite("Shipped plugins") struct ShippedPluginTests {
  @Test("JSON for programs stands alone on standard output")
  func json() async throws {
    let workspace = try Workspace()
    let outcome = try await workspace.run("plugins", "check", "--format", "json")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(Set(document.keys) == ["plugins", "suites", "problems", "ungranted"])
  }

  @Test("Tables fit the width that COLUMNS gives, and nothing is coloured in a pipe")
  func width() async throws {
    let workspace = try Workspace()
    let outcome = try await workspace.run("plugins", "list", environment: ["COLUMNS": "60"])
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 60 })
    #expect(!outcome.output.contains("\u{1B}"))
  }

  @Test("The shipped plugins are sound and their suites pass")
  func shippedPlugins() async throws {
    let workspace = try Workspace()
    let check = try await workspace.run("plugins", "check")
    #expect(check.status == 0)
    #expect(check.output.hasSuffix("read, no problems\n"))
    let test = try await workspace.run("plugins", "test", timeout: .seconds(600))
    #expect(test.status == 0)
    #expect(test.output.hasSuffix(" passed, 0 failed\n"))
  }
}
