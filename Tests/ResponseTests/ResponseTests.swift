import Cases
import Detection
import Primitives
import Response
import Testing

private let start = Timestamp(seconds: 1_772_442_000)

private func alert(
  _ id: String, severity: String = "critical", owner: String = "security_team",
  at minutes: Int64 = 0
) -> AlertFacts {
  AlertFacts(
    time: start + .minutes(minutes),
    values: ["id": .text(id), "severity": .text(severity), "owner": .text(owner)])
}

@Suite("Escalations that are due")
struct EscalationDeskTests {
  private func desk(_ limit: ActLimit? = nil, unclaimed: Double? = 300) -> EscalationDesk {
    EscalationDesk([
      Escalation(
        id: "page",
        when: [Predicate("severity", .equals(.text("critical")))]
          + (unclaimed.map { [Predicate("unclaimed", .atLeast($0))] } ?? []),
        uses: [], settings: [], limit: limit)
    ])
  }

  @Test(
    "Every way to ask for a time unclaimed is waited for",
    arguments: [
      (Detection.Test.above(300), 300_000_001), (.between(300, 900), 300_000_000),
      (.equals(.number(300)), 300_000_000), (.below(300), 0),
    ] as [(Detection.Test, Int64)])
  func ways(test: Detection.Test, wait: Int64) {
    var desk = EscalationDesk([
      Escalation(
        id: "page", when: [Predicate("unclaimed", test)], uses: [], settings: [], limit: nil)
    ])
    let raised = alert("a")
    desk.take(raised)
    let due = raised.time + TimeSpan(microseconds: wait)
    #expect(desk.advance(to: due + TimeSpan(microseconds: -1)).isEmpty)
    #expect(desk.advance(to: due).map(\.alert.id) == ["a"])
  }

  @Test("Once the alert has gone unclaimed for long enough, and once only")
  func unclaimed() {
    var desk = desk()
    desk.take(alert("a"))
    desk.take(alert("low", severity: "low"))
    let early = desk.advance(to: start + .seconds(299))
    #expect(early.isEmpty)
    let due = desk.advance(to: start + .minutes(5))
    #expect(due.map(\.alert.id) == ["a"] && due.map(\.time) == [start + .minutes(5)])
    let later = desk.advance(to: start + .days(1))
    #expect(later.isEmpty)
  }

  @Test("Not once somebody has claimed it")
  func claimed() {
    var desk = desk()
    desk.take(alert("a"))
    desk.claim("a")
    let due = desk.advance(to: start + .days(1))
    #expect(due.isEmpty)
  }

  @Test("A limit counts for each owner apart and forgets with time")
  func limits() {
    var desk = desk(ActLimit(1, every: .minutes(30), per: ["owner"]), unclaimed: nil)
    for (id, owner, minutes) in [
      ("a", "x", 0), ("b", "x", 10), ("c", "y", 11), ("d", "x", 30), ("e", "x", 31),
    ] as [(String, String, Int64)] {
      desk.take(alert(id, owner: owner, at: minutes))
    }
    let due = desk.advance(to: start + .hours(1))
    #expect(due.map(\.alert.id) == ["a", "c", "d"])
  }
}

@Suite("Playbooks at work")
struct PlaybookRunTests {
  private let playbook = Playbook(
    id: "contain", when: [], uses: [],
    steps: [
      .init(name: "lock", kind: .run(canUndo: true)),
      .init(name: "tell", kind: .run(canUndo: false)),
      .init(
        name: "was it you?",
        kind: .ask(
          .init(text: "?", choices: ["yes", "no"], within: .minutes(30), otherwise: "no"))),
      .init(name: "finish", kind: .run(canUndo: false)),
    ])

  private final class Log {
    var lines: [String] = []
    var failing: Set<String> = []

    func run(_ playbook: Playbook) -> PlaybookRun.Runner {
      { place, undo, answers in
        let name = "\(undo ? "undo " : "")\(playbook.steps[place].name)"
        self.lines.append("\(name) \(answers["was it you?"] ?? "")")
        if self.failing.contains(name) { throw Failure(.unmet, "no") }
      }
    }
  }

  @Test("An answer is given to the later steps")
  func answered() throws {
    let log = Log()
    var run = PlaybookRun(playbook, at: start, run: log.run(playbook))
    #expect(run.state == .waiting(step: "was it you?", until: start + .minutes(30)))
    try run.answer("was it you?", "yes", at: start, run: log.run(playbook))
    #expect(run.state == .done)
    #expect(log.lines == ["lock ", "tell ", "finish yes"])
    #expect(run.done == ["lock", "tell", "was it you?", "finish"])
  }

  @Test("Nobody answers in time")
  func unanswered() {
    let log = Log()
    var run = PlaybookRun(playbook, at: start, run: log.run(playbook))
    run.advance(to: start + .minutes(29), run: log.run(playbook))
    #expect(log.lines.count == 2)
    run.advance(to: start + .minutes(30), run: log.run(playbook))
    #expect(run.state == .done && log.lines.last == "finish no")
  }

  @Test("A failure undoes what can be undone, and says what could not")
  func failed() {
    let log = Log()
    log.failing = ["tell"]
    let run = PlaybookRun(playbook, at: start, run: log.run(playbook))
    #expect(run.state == .failed(step: "tell", reason: "no", stuck: []))
    #expect(log.lines == ["lock ", "tell ", "undo lock "])
    log.failing = ["tell", "undo lock"]
    let stuck = PlaybookRun(playbook, at: start, run: log.run(playbook))
    #expect(stuck.state == .failed(step: "tell", reason: "no", stuck: ["lock"]))
  }

  @Test("A wrong answer and one that nobody asked for are refused")
  func refused() {
    let log = Log()
    var run = PlaybookRun(playbook, at: start, run: log.run(playbook))
    func said(_ step: String, _ choice: String) -> String {
      do {
        try run.answer(step, choice, at: start, run: log.run(playbook))
        return "taken"
      } catch { return "\(error)" }
    }
    #expect(
      said("was it you?", "maybe") == "'maybe' is no answer to 'was it you?' (one of yes, no)")
    #expect(said("lock", "yes") == "'lock' is not asked now")
    #expect(said("was it you?", "no") == "taken")
    #expect(said("was it you?", "no") == "'was it you?' is not asked now")
  }
}

@Suite("Acts and settings")
struct ActTests {
  @Test("A secret is a token that prints as ‹secret› and that only the host reads")
  func secrets() {
    let token = SecretToken.token("key")
    let act = Act(
      .httpPost, [.init("url", .text("https://x")), .init("json", .text("Bearer \(token)"))])
    #expect(act.description == "http.post {\"url\":\"https://x\",\"json\":\"Bearer ‹secret›\"}")
    #expect(SecretToken.revealed("a \(token) b", { $0 == "key" ? "s3" : nil }) == "a s3 b")
    #expect(SecretToken.hidden("‹secret:open") == "‹secret:open")
  }

  @Test("Recorded acts are done nowhere, and fail where they were told to")
  func recorded() throws {
    var acts = RecordedActs()
    _ = try acts.perform(Act(.cardBlock, [.init("card", .text("1"))]))
    acts.fail(.cardBlock, "timeout")
    #expect(throws: Failure.self) { try acts.perform(Act(.cardBlock, [])) }
    let first = acts.drain().count
    #expect(first == 2 && acts.acts.isEmpty)
  }

  @Test("Every act has a capability, a sentence and arguments of different names")
  func table() {
    for word in ActWord.allCases {
      #expect(!word.capability.isEmpty && !word.verb.isEmpty && word.sentence.hasSuffix("."))
      #expect(Set(word.arguments.map(\.name)).count == word.arguments.count)
    }
    #expect(
      ActWord.capabilities == ["http", "directory", "card", "address", "device", "notify", "case"])
  }

  @Test(
    "What a configuration says to a plugin",
    arguments: [
      (SettingDefinition.Kind.url, "x", "'s' is no address (write one that begins with https://)"),
      (.number, "many", "'s' is 'many' (write a number)"),
      (.duration, "5", "'s' is '5' (write such as 5 minutes)"),
      (.duration, "2 minutes", "120.0"),
      (.flag, "yes", "'s' is 'yes' (write true or false)"),
      (.choice, "c", "'s' is 'c' (one of a, b)"),
      (.secret, "hunter2", "'s' is a secret and stands in the open (write env:NAME or file:PATH)"),
      (.secret, "env:KEY", "env:KEY"),
    ])
  func settings(kind: SettingDefinition.Kind, text: String, said: String) {
    let setting = SettingDefinition(name: "s", kind: kind, sentence: "x", choices: ["a", "b"])
    do {
      switch try setting.read(text) {
      case .text(let text): #expect(text == said)
      case .number(let number): #expect("\(number)" == said)
      default: Issue.record("another kind of value")
      }
    } catch {
      #expect("\(error)" == said)
    }
  }
}

@Suite("An alert as escalations see it")
struct AlertFactsTests {
  private func facts(_ score: Double?, _ meaning: Alert.ScoreMeaning?) -> AlertFacts {
    AlertFacts(
      Alert(
        id: "a", time: start, eventID: "e", source: "s", entity: nil, kind: .model, rule: nil,
        score: score, confidence: nil, severity: .high, title: "t", message: "m", incident: "i",
        pluginsDigest: nil, scoreMeaning: meaning))
  }

  @Test("A score is a probability; how rare an event is has a name of its own")
  func scoreAndRarity() {
    let asks = [Predicate("score", .atLeast(0.9))]
    let rare = facts(0.99, .rarity)
    #expect(rare.value("score") == .missing && rare.value("rarity") == .number(0.99))
    #expect(!rare.satisfies(asks, unclaimed: .zero))
    #expect(rare.satisfies([Predicate("rarity", .atLeast(0.9))], unclaimed: .zero))
    let likely = facts(0.99, .probability)
    #expect(likely.value("score") == .number(0.99) && likely.value("rarity") == .missing)
    #expect(likely.satisfies(asks, unclaimed: .zero))
    let unscored = facts(nil, nil)
    #expect(unscored.value("score") == .missing && unscored.value("rarity") == .missing)
  }
}
