import Cases
import Primitives
import Testing

@testable import Store

struct SourceProgressTests {
  private let folder: Folder
  private let store: AlertStore

  init() throws {
    folder = try Folder()
    store = AlertStore(try Store.Database.open(dataDirectory: folder.path))
  }

  private func progress(_ events: Int, source: String = "s") -> SourceProgress {
    SourceProgress(
      source: source, read: events + 2, events: events, position: "{\"at\":\(events)}",
      updated: afternoon)
  }

  @Test("Alerts and how far their source has come are written together")
  func together() throws {
    #expect(try store.progress(of: "s") == nil)
    let run = try store.begin(aRun)
    try store.write(
      [NewAlert(alert(1))], joined: [], run: run, progress: progress(5),
      turns: [SourceTurn(start: 0, file: "a", events: 7)])
    #expect(try store.progress(of: "s") == progress(5))
    #expect(try store.alerts().count == 1)
    // A run that does not exist: the alert is refused, and with it the progress.
    #expect(throws: Failure.self) {
      try store.write(
        [NewAlert(alert(2))], joined: [], run: run + 9, progress: progress(9), turns: [])
    }
    #expect(try store.progress(of: "s") == progress(5))
    #expect(try store.alerts().count == 1)
    try store.write([], joined: [], run: run, progress: progress(3, source: "other"), turns: [])
    #expect(try store.progress(of: "s") == progress(5))
    #expect(try store.progress(of: "other") == progress(3, source: "other"))
  }

  @Test("Turns are found again from any event on, a later word about one replaces the earlier")
  func turns() throws {
    let run = try store.begin(aRun)
    let first = [
      SourceTurn(start: 0, file: "a", events: 10), SourceTurn(start: 10, file: "b", events: 5),
    ]
    try store.write([], joined: [], run: run, progress: progress(15), turns: first)
    try store.write(
      [], joined: [], run: run, progress: progress(30),
      turns: [
        SourceTurn(start: 10, file: "b", events: 12), SourceTurn(start: 22, file: "a", events: 8),
      ])
    #expect(
      try store.turns(of: "s", from: 0).map { "\($0.start) \($0.file) \($0.events)" }
        == ["0 a 10", "10 b 12", "22 a 8"])
    #expect(try store.turns(of: "s", from: 10).map(\.start) == [10, 22])
    #expect(try store.turns(of: "s", from: 21).map(\.start) == [10, 22])
    #expect(try store.turns(of: "s", from: 22).map(\.start) == [22])
    #expect(try store.turns(of: "t", from: 0) == [])
    try store.forgetTurns(of: "s", before: 22)
    #expect(try store.turns(of: "s", from: 0).map(\.start) == [22])
  }
}
