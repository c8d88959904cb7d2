import Cases
import Primitives
import Testing

@testable import Console

@Suite("The course of an attack as a tree") struct ChainTreeTests {
  private let ana = Entity(field: "user", value: "ana")
  private let pc = Entity(field: "device", value: "pc-4")
  private let card = Entity(field: "card", value: "4711")

  private func step(_ minutes: Int64, _ words: String, of entity: Entity?, _ named: [Entity])
    -> ChainTree.Step
  {
    ChainTree.Step(
      first: Timestamp(seconds: 1_772_442_000) + .minutes(minutes), entity: entity,
      named: Set(named + (entity.map { [$0] } ?? [])), words: words)
  }

  @Test("A step hangs on the one that brought in whom it is about, or somebody whom both name")
  func shape() {
    let lines = ChainTree([
      step(0, "Sprayed", of: ana, [pc]), step(5, "Taken over", of: ana, []),
      step(65, "Cashed out", of: card, [pc]), step(70, "Again", of: card, []),
      step(75, "Left", of: ana, []), step(80, "Put in by hand", of: nil, []),
    ]).lines
    #expect(
      lines == [
        "  2026-03-02 09:00  Sprayed", "  ├─ 2026-03-02 09:05 (+5 min)  Taken over",
        "  ├─ 2026-03-02 10:05 (+1 h 5 min)  Cashed out, by way of device pc-4",
        "  │  └─ 2026-03-02 10:10 (+5 min)  Again", "  └─ 2026-03-02 10:15 (+1 h 15 min)  Left",
        "  2026-03-02 10:20  Put in by hand",
      ])
  }

  @Test("Nobody's text can write to the terminal, and an incident of one step is one line")
  func hostile() {
    let evil = Entity(field: "device", value: "\u{1B}[2J")
    let lines = ChainTree([
      step(0, "One", of: ana, [evil]), step(1, "Two", of: card, [evil]),
    ]).lines
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { !$0.contains("\u{1B}") })
    #expect(ChainTree([step(0, "One", of: nil, [])]).lines == ["  2026-03-02 09:00  One"])
  }
}
