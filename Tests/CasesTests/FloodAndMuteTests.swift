import Detection
import Primitives
import Testing

@testable import Cases

/// What keeps one rule from burying the others, and what people asked not to be told.
struct FloodAndMuteTests {
  private func judge(limit: Int?) -> Judge {
    var settings = Judge.Settings()
    settings.floodLimit = limit
    return Judge(policy: Judge.Policy(mappings: []), settings: settings)
  }

  private func seen(
    _ number: Int, at time: Timestamp, rule id: String = "r", user: String? = nil
  ) -> Evidence {
    evidence("e\(number)", at: time, user: user ?? "u\(number)", found: [rule(id)])
  }

  @Test("A flood is one alert that says so, and every finding of it is kept and counted")
  func flood() {
    var judge = judge(limit: 5)
    var raised = 0
    var told: [Alert] = []
    var kept: [SuppressedFinding] = []
    var last: Joined?
    for number in 0..<200 {
      switch judge.judge(seen(number, at: afternoon + .seconds(Int64(number)))) {
      case .raised: raised += 1
      case .flooded(let alert, let joined):
        told.append(alert)
        kept.append(joined.finding!)
        last = joined
      case .joined(let joined):
        kept.append(joined.finding!)
        last = joined
      case .repeated: Issue.record("no event came twice")
      }
    }
    #expect(raised == 5 && told.count == 1 && kept.count == 194 + 1)
    #expect(last?.count == 195 && last?.alertID == told[0].id)
    #expect(Set(kept.map(\.id)).count == 195)
    #expect(kept.allSatisfy { $0.reason == .flood && $0.alertID == told[0].id && $0.rule == "r" })
    #expect(kept.map(\.eventID) == (5..<200).map { "e\($0)" })
    #expect(told[0].entity == nil && told[0].severity == .high && told[0].rule == "r")
    #expect(
      told[0].message.hasPrefix("rule r raised 5 alerts on ")
        && told[0].message.contains("within an hour"))
  }

  @Test("Another rule is told, and so is the same one when an hour has passed")
  func others() {
    var judge = judge(limit: 3)
    for number in 0..<10 { _ = judge.judge(seen(number, at: afternoon + .minutes(Int64(number)))) }
    guard case .raised = judge.judge(seen(20, at: afternoon + .minutes(10), rule: "other")) else {
      Issue.record("another rule is kept quiet")
      return
    }
    guard case .joined = judge.judge(seen(21, at: afternoon + .minutes(59))) else {
      Issue.record("the flood is over too soon")
      return
    }
    guard case .raised = judge.judge(seen(22, at: afternoon + .minutes(61))) else {
      Issue.record("the flood never ends")
      return
    }
  }

  @Test(
    "At no time are more alerts raised within an hour than the limit, whatever the order of the events"
  )
  func property() {
    var random = SeededRandom(seed: 11)
    for limit in [1, 2, 7] {
      var judge = judge(limit: limit)
      var time = afternoon
      var raised: [Timestamp] = []
      var suppressed = 0
      for number in 0..<1500 {
        time = time + .seconds(Int64(random.below(240)))
        // Some come late.
        let at = time - .seconds(Int64(random.below(10) == 0 ? random.below(900) : 0))
        switch judge.judge(seen(number, at: at)) {
        case .raised(let alert, _): raised.append(alert.time)
        case .joined, .flooded: suppressed += 1
        case .repeated: Issue.record("no event came twice")
        }
      }
      #expect(raised.count + suppressed == 1500)
      let sorted = raised.sorted()
      for (index, start) in sorted.enumerated() where index + limit < sorted.count {
        // Late events may fill an hour that was counted without them.
        #expect(sorted[index + limit] - start > .minutes(45))
      }
    }
  }

  @Test("Without a limit everything is told, and a state goes on where it was")
  func state() throws {
    var free = judge(limit: nil)
    for number in 0..<500 {
      guard case .raised = free.judge(seen(number, at: afternoon)) else {
        Issue.record("kept quiet without a limit")
        return
      }
    }
    var first = judge(limit: 4)
    for number in 0..<9 { _ = first.judge(seen(number, at: afternoon)) }
    var writer = StateWriter()
    first.encode(&writer)
    var second = judge(limit: 4)
    var reader = StateReader(writer.bytes[...])
    try second.decode(&reader)
    for number in 9..<30 {
      let next = seen(number, at: afternoon + .minutes(Int64(number) * 3))
      #expect("\(first.judge(next))" == "\(second.judge(next))")
    }
  }

  private let ana = Entity(field: "user", value: "ana")

  private func mute(
    _ number: Int64, rule: String? = nil, from: Int64 = 0, until: Int64 = 60,
    of entity: Entity? = nil
  ) -> Mute {
    Mute(
      number: number, entity: entity ?? ana, rule: rule, from: afternoon + .minutes(from),
      until: afternoon + .minutes(until))
  }

  @Test("A mute keeps quiet its entity, within its time, its rule alone or all and the model")
  func mutes() {
    func told(_ mutes: [Mute], at minute: Int64 = 10, user: String = "ana") -> String {
      let model = Finding(row: 0, origin: .model, severity: .info, title: "", message: "")
      let all = evidence(
        "e", at: afternoon + .minutes(minute), user: user, found: [rule("a"), rule("b"), model])
      let parts = MuteBook(mutes).parted(all)
      let quiet = parts.muted.map { mute, evidence in
        "\(mute.number): \(evidence.findings.map { $0.ruleID ?? "model" }.joined(separator: " "))"
      }
      let told = parts.told?.findings.map { $0.ruleID ?? "model" }.joined(separator: " ") ?? "-"
      return ([told] + quiet).joined(separator: " | ")
    }
    #expect(told([]) == "a b model")
    #expect(told([mute(1)]) == "- | 1: a b model")
    #expect(told([mute(1)], user: "ben") == "a b model")
    #expect(told([mute(1, of: Entity(field: "device", value: "ana"))]) == "a b model")
    #expect(told([mute(1, rule: "a")]) == "b model | 1: a")
    #expect(told([mute(2), mute(1, rule: "a")]) == "- | 1: a | 2: b model")
    #expect(told([mute(1)], at: 0) == "- | 1: a b model")
    #expect(told([mute(1)], at: 60) == "a b model")
    #expect(told([mute(1, from: 11)]) == "a b model")
    #expect(told([mute(1, from: 10, until: 10)]) == "a b model")
    #expect(MuteBook([mute(1, from: 10, until: 10)]).isEmpty && MuteBook().isEmpty)
  }
}
