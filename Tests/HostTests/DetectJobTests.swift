import Foundation
import Ingest
import Primitives
import Testing

@testable import Host

@Suite("A pass over files")
struct DetectJobTests {
  @Test("What is not kept in the database is not kept in memory either")
  func keepsNone() throws {
    let scratch = try Scratch()
    let events = (0..<40).map { EventWriter.line(login("e\($0)", at: Int64($0) * 10)) }
    let path = try scratch.write("a.jsonl", events.joined(separator: "\n") + "\n")
    for keeps in [true, false] {
      let outcome = try DetectJob(
        settings: try shipped(scratch),
        options: DetectOptions(inputs: [path], source: "generic-jsonl", keepsAlerts: keeps)
      ).run(progress: NoProgress())
      #expect(outcome.report.alerts > 0)
      #expect(outcome.alerts.count == (keeps ? outcome.report.alerts : 0))
    }
  }
}
