import Cases
import Detection
import Foundation
import Primitives
import Testing

@testable import Store

/// What is asked of alerts, against a store that holds a few.
@Suite("Questions to the alerts") struct AlertQueryTests {
  private let folder: Folder
  private let store: AlertStore

  /// Of ana, ben and nobody, two rules and one that no rule found; the second names a device.
  init() throws {
    folder = try Folder()
    store = AlertStore(try Database.open(dataDirectory: folder.path, access: .readWrite))
    var none = alert(4, at: 60 * 12, user: nil, severity: .critical)
    none.rule = nil
    var dear = alert(3, at: 60 * 9, user: "host.a", severity: .high, rule: "b.two")
    dear.costUSD = 500
    let device = Entity(field: "device", value: "pc-1")
    let frozen = FrozenEvidence(
      Evidence(
        event: EventRecord(time: afternoon, id: "e2", source: "s", kind: "login", fields: [:]),
        entity: Entity(field: "user", value: "ben"), findings: [],
        involved: [device]))
    try store.write(
      [
        NewAlert(alert(1, severity: .low, rule: "a.one")),
        NewAlert(alert(2, at: 60, user: "ben", rule: "a.one", score: 0.9), frozen: frozen),
        NewAlert(dear), NewAlert(none),
      ], run: aRun)
  }

  /// The numbers of the alerts that a query finds.
  private func found(_ make: (inout AlertQuery) -> Void) throws -> [Int] {
    var query = AlertQuery()
    make(&query)
    let ids = try store.find(query).map(\.alert.id)
    #expect(try store.count(query) == ids.count)
    return ids.map { Int($0, radix: 16) ?? 0 }.sorted()
  }

  @Test("A severity is at least one, or exactly one of several")
  func severities() throws {
    #expect(try found { $0.severity = .high } == [3, 4])
    #expect(try found { $0.severities = [.high] } == [3])
    #expect(try found { $0.severities = [.low, .critical] } == [1, 4])
  }

  @Test("An acknowledged alert is open, and is not one that nobody has looked at")
  func states() throws {
    try store.acknowledge(alert(2).id)
    try store.close(alert(3).id, .benign, at: afternoon)
    #expect(try found { $0.status = "open" } == [1, 2, 4])
    #expect(try found { $0.states = [.new] } == [1, 4])
    #expect(try found { $0.states = [.acknowledged, .resolved] } == [2, 3])
    #expect(try found { $0.assignee = .nobody }.contains(1))
    #expect(try found { $0.assignee = .person("nobody of that name") } == [])
  }

  @Test("Above a number is without it, and what has no number is not below it")
  func bounds() throws {
    #expect(try found { $0.cost.above = 1 } == [3])
    #expect(try found { $0.cost.atLeast = 1 } == [1, 2, 3, 4])
    #expect(try found { $0.cost.below = 500 } == [1, 2, 4])
    #expect(try found { $0.score.below = 1 } == [2])
    #expect(
      try found {
        $0.cost.atLeast = 500
        $0.cost.atMost = 500
      } == [3])
  }

  @Test("One of a list is enough, and what is left out is no more than that")
  func joins() throws {
    func one(_ make: (inout AlertQuery) -> Void) -> AlertQuery {
      var query = AlertQuery()
      make(&query)
      return query
    }
    #expect(
      try found { $0.alternatives = [[one { $0.rule = "b.*" }, one { $0.entity = "ben" }]] } == [
        2, 3,
      ])
    #expect(
      try found {
        $0.alternatives = [
          [one { $0.rule = "a.*" }, one { $0.rule = "b.*" }], [one { $0.entity = "ana" }],
        ]
      } == [1])
    // The alert without a rule is not of the rule that is left out.
    #expect(try found { $0.exceptions = [one { $0.rule = "a.one" }] } == [3, 4])
    #expect(
      try found {
        $0.exceptions = [one { $0.rule = "a.one" }, one { $0.severities = [.critical] }]
      }
        == [3])
    #expect(
      try found { query in
        query.severity = .medium
        query.exceptions = [one { $0.entity = "ben" }]
      } == [3, 4])
  }

  @Test("Hours go over midnight, weekdays are those of UTC, and a star stands for a part of a name")
  func others() throws {
    // 14:00, 15:00 and 23:00 of Sunday, 2:00 of Monday.
    #expect(try found { $0.clock.hours = .init(from: 22, to: 6) } == [3, 4])
    #expect(try found { $0.clock.hours = .init(from: 14, to: 15) } == [1])
    #expect(try found { $0.clock.weekdays = [0] } == [4])
    #expect(try found { $0.entity = "host.*" } == [3])
    #expect(try found { $0.entity = "a[na]*" } == [])
    #expect(try store.entities(holding: "HOST").map(\.value) == ["host.a"])
  }

  @Test("An entity that an alert names is found, whether the alert is about it or not")
  func names() throws {
    #expect(try found { $0.named = Entity(field: "device", value: "pc-1") } == [2])
    #expect(try found { $0.named = Entity(field: "user", value: "ana") } == [1])
    #expect(try found { $0.named = Entity(field: "user", value: "pc-1") } == [])
    #expect(try store.namedFields().contains("device"))
  }

  @Test("Groups by one thing or two are counted, summed up and told by their amounts")
  func measures() throws {
    func rows(_ make: (inout AlertMeasure) -> Void) throws -> [String] {
      var measure = AlertMeasure()
      make(&measure)
      return try store.measure(AlertQuery(), measure).rows.map { row in
        let values = row.values.map { value in
          switch value {
          case .text(let text): text
          case .number(let number): "\(number)"
          case nil: "none"
          }
        }
        return "\(values.joined(separator: "/")) \(row.amount ?? -1)"
      }
    }
    #expect(try rows { $0.keys = [.rule] } == ["a.one 2.0", "none 1.0", "b.two 1.0"])
    #expect(
      try rows { ($0.keys, $0.amount) = ([.rule], .sum(.cost)) } == [
        "b.two 500.0", "a.one 2.0", "none 1.0",
      ])
    #expect(try rows { ($0.keys, $0.bounds.above) = ([.rule], 1) } == ["a.one 2.0"])
    #expect(try rows { ($0.keys, $0.isRising, $0.top) = ([.rule], true, 1) } == ["none 1.0"])
    #expect(try rows { $0.amount = .distinct(.rule) } == [" 2.0"])
    #expect(try rows { $0.amount = .distinct(.field("user")) } == [" 3.0"])
    #expect(try rows { $0.amount = .most(.score) } == [" 0.9"])
    #expect(try rows { $0.keys = [.named("device")] } == ["pc-1 1.0"])
    #expect(
      try rows { $0.keys = [.rule, .status] } == [
        "a.one/open 2.0", "none/open 1.0", "b.two/open 1.0",
      ])
  }
}
