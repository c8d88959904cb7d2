import Detection
import Primitives
import Testing

@testable import Cases

@Suite("Incidents") struct IncidentTests {
  private func device(_ name: String) -> Entity { Entity(field: "device", value: name) }

  private func groups(_ facts: [AlertFact], edits: [IncidentEdit] = []) -> [[String]] {
    IncidentBook(facts, edits: edits).incidents.map { $0.facts.map(\.id) }
  }

  @Test("Alerts that name the same entity in a short time belong together, by way of others too")
  func ties() {
    let facts = [
      fact("a", at: 0, user: "ana", with: [device("d1")]),
      fact("b", at: 60, user: "ben", with: [device("d1")]),
      fact("c", at: 120, user: "ben"),
      fact("d", at: 130, user: "cleo"),
      fact("e", at: 140, user: nil),
      fact("f", at: 120 + 24 * 60, user: "ben"),
      fact("g", at: 121 + 2 * 24 * 60, user: "ben"),
    ]
    #expect(groups(facts) == [["a", "b", "c", "f"], ["d"], ["e"], ["g"]])
  }

  @Test("An entity that many are tied to ties nobody; whom alerts are about still does")
  func common() {
    let gateway = device("gateway")
    let facts = (0..<12).map {
      fact("a\($0 + 10)", at: Int64($0), user: "u\($0 % 6)", with: [gateway])
    }
    // The first five users are within what an entity may tie; the sixth makes it common.
    let found = groups(facts)
    #expect(
      found == [
        ["a10", "a11", "a12", "a13", "a14", "a16", "a17", "a18", "a19", "a20"], ["a15", "a21"],
      ])
  }

  @Test("An incident ends a week after its first alert")
  func longest() {
    let facts = (0..<20).map { fact("a\($0 + 10)", at: Int64($0) * 12 * 60) }
    let found = groups(facts)
    #expect(found.map(\.count) == [15, 5])
  }

  @Test(
    "Every alert is in one incident, and later ones split none", arguments: 0..<15 as Range<UInt64>)
  func partition(seed: UInt64) {
    let facts = randomFacts(250, seed: seed)
    let book = IncidentBook(facts)
    #expect(book.incidents.flatMap { $0.facts.map(\.id) }.sorted() == facts.map(\.id).sorted())
    #expect(IncidentBook(facts).incidents == book.incidents)
    let early = IncidentBook(Array(facts.prefix(120)))
    for incident in early.incidents {
      #expect(Set(incident.facts.map { book.incident(of: $0.id)?.id }).count == 1)
    }
    for incident in book.incidents {
      #expect(incident.last - incident.first <= .days(7))
      #expect(incident.facts.first?.time == incident.first)
    }
    // Alerts about one user, less than a day apart within a week, are never apart.
    for (a, b) in zip(facts, facts.dropFirst()) where a.entity != nil && a.entity == b.entity {
      let known = book.incident(of: a.id)
      if b.time - a.time <= .hours(24), let known, b.time - known.first <= .days(7) {
        #expect(known.id == book.incident(of: b.id)?.id)
      }
    }
  }

  @Test("People merge and split, one after the other, and what they did outlives later alerts")
  func edits() {
    let facts = [
      fact("a", at: 0, user: "ana"), fact("b", at: 1, user: "ben"), fact("c", at: 2, user: "ana"),
      fact("d", at: 3, user: "ben"),
    ]
    func edit(_ change: IncidentEdit.Change) -> IncidentEdit {
      IncidentEdit(change, time: afternoon, note: "")
    }
    let merge = edit(.merge(["a", "b"]))
    let split = edit(.split(["c", "unknown"]))
    #expect(groups(facts) == [["a", "c"], ["b", "d"]])
    #expect(groups(facts, edits: [merge]) == [["a", "b", "c", "d"]])
    #expect(groups(facts, edits: [merge, split]) == [["a", "b", "d"], ["c"]])
    #expect(
      groups(facts, edits: [merge, split, edit(.merge(["c", "a"]))]) == [["a", "b", "c", "d"]])
    #expect(groups(facts, edits: [edit(.merge(["gone", "a"]))]) == groups(facts))
    let later = facts + [fact("e", at: 10, user: "ben")]
    #expect(groups(later, edits: [merge]) == [["a", "b", "c", "d", "e"]])
    let book = IncidentBook(facts, edits: [split])
    #expect(book.incidents.map(\.isEdited) == [true, false, true])
  }

  @Test("One severity and one cost: of alerts that stand, each row once an entity")
  func cost() {
    let facts = [
      fact("a", at: 0, severity: .high, cost: Cents(500_00)),
      fact("b", at: 5, severity: .medium, cost: Cents(500_00)),
      fact(
        "c", at: 6, severity: .critical, mapping: "x", cost: Cents(9_00), outcome: .falsePositive),
      fact("d", at: 7, mapping: "slow", cost: Cents(10), per: .minute),
      fact("e", at: 17, mapping: "slow", cost: Cents(10), per: .minute),
      // Ten minutes with the short pause; nobody says that it went on for the five hours between, so that it is one more.
      fact("f", at: 317, mapping: "slow", cost: Cents(10), per: .minute),
    ]
    let incident = IncidentBook(facts).incidents[0]
    #expect(incident.facts.count == 6)
    #expect(incident.severity == .high)
    #expect(incident.cost == Cents(500_00 + 100 + 10))
    #expect(incident.losses.values.reduce(.zero, +) == incident.cost)
    #expect(incident.losses["b"] == .zero && incident.losses["c"] == nil)
    #expect(incident.isOpen)
    let refuted = IncidentBook([fact("a", outcome: .benign)]).incidents[0]
    #expect(refuted.severity == .info)
    #expect(refuted.cost == .zero)
    #expect(!refuted.isOpen)
  }

  @Test("The chain is ordered, with the tactic of each step where the rule is tagged")
  func chain() {
    let facts = [
      fact("a", at: 0, rule: "guess"), fact("b", at: 1, rule: "guess"),
      fact("c", at: 2, rule: "dump"),
      fact("d", at: 3, rule: "other"),
    ]
    let stages = [
      "guess": AttackStage(tags: ["fraud.x", "attack.t1110.003"]),
      "dump": AttackStage(tags: ["attack.t9999", "attack.lateral_movement"]),
      "other": AttackStage(tags: ["fraud.y"]),
    ].compactMapValues { $0 }
    let incident = IncidentBook(facts, stages: stages).incidents[0]
    #expect(incident.chain.map(\.alerts) == [["a", "b"], ["c"], ["d"]])
    #expect(incident.chain.map(\.stage?.tactic) == [.credentialAccess, .lateralMovement, nil])
    #expect(incident.chain.map(\.stage?.technique) == ["T1110.003", "T9999", nil])
    #expect(incident.stage == .lateralMovement)
  }

  @Test("The graph ties every alert to everybody it names, and nothing else")
  func graph() {
    let facts = randomFacts(60, seed: 1)
    for incident in IncidentBook(facts).incidents {
      let graph = IncidentGraph(incident)
      let ids = graph.nodes.map(\.id)
      #expect(Set(ids).count == ids.count)
      #expect(graph.edges.count == incident.facts.reduce(0) { $0 + $1.entities.count })
      for edge in graph.edges {
        #expect(ids.contains(IncidentGraph.Node.id(ofAlert: edge.alert)))
        #expect(ids.contains(IncidentGraph.Node.id(of: edge.entity)))
      }
    }
  }
}
