import Cases
import Detection
import Primitives
import Testing

struct JudgeTests {
  @Test("An alert says what the mapping row says")
  func business() throws {
    var judge = judge()
    let alert = try #require(
      judge.judge(
        evidence(
          found: [rule("auth.burst", .medium, title: "Account takeover attempt", message: "20 l")],
          features: ["event_count_1h": 20])
      ).alert)
    #expect(alert.title == "Account takeover attempt")
    #expect(alert.message == "20 l")
    #expect(alert.kind == .rule && alert.rule == "auth.burst")
    #expect(alert.severity == .high)
    #expect(alert.category == "Security - Account Takeover")
    #expect(alert.risk == .high && alert.costUSD == 500 && alert.costPer == .incident)
    #expect(alert.compliance == ["SOC2", "GDPR"])
    #expect(alert.owner == "security_team" && alert.slaSeconds == 900)
    #expect(alert.mapping == "account-takeover")
    #expect(alert.score == nil && alert.confidence == nil && alert.model == nil)
    #expect(alert.recurrence == 0 && alert.pluginsDigest == "p1")
    #expect(alert.incident == "inc-" + alert.id.prefix(16))
    #expect(alert.id.count == 20 && alert.id.allSatisfy(\.isHexDigit))
  }

  @Test("Without a mapping the alert says nothing of the business")
  func unmapped() throws {
    var judge = judge()
    let alert = try #require(judge.judge(evidence(kind: "odd", found: [rule("a", .info)])).alert)
    #expect(alert.severity == .info)
    #expect(alert.mapping == nil && alert.risk == nil && alert.costUSD == nil)
    #expect(alert.owner == nil && alert.slaSeconds == nil && alert.compliance.isEmpty)
  }

  @Test("The most severe rule speaks for the alert, by id among equals")
  func leading() throws {
    let found = [rule("b", .high), modelFinding(), rule("a", .high), rule("c", .low)]
    for order in [found, found.reversed()] {
      var judge = judge()
      #expect(judge.judge(evidence(found: order)).alert?.rule == "a")
    }
  }

  @Test("A model's alert is named and told by its causes")
  func modelOnly() throws {
    var seen = evidence(
      kind: "metric", found: [modelFinding()], features: ["metric_z_24h": 7.25], score: 0.93)
    seen.modelName = "metrics-1"
    seen.contributions = [Contribution(feature: "metric_z_24h", value: 2)]
    seen.margin = 2.5
    seen.bias = 0.5
    seen.history = 0
    var judge = judge()
    let alert = try #require(judge.judge(seen).alert)
    #expect(alert.kind == .model && alert.rule == nil && alert.model == "metrics-1")
    #expect(alert.title == "Performance")
    #expect(
      alert.message
        == "ana: amount 7.3 standard deviations from its mean in the last 24 hours (probability 0.93)"
    )
    #expect(alert.confidence == 0.465)
    #expect(alert.slaSeconds == 600)
  }

  @Test(
    "Rules and model that agree are trusted more than either, and a rule that the model contradicts less"
  )
  func agreement() throws {
    func confidence(_ rules: [Finding], _ score: Double) throws -> Double {
      var seen = evidence(found: rules, score: score)
      seen.baseRate = 0.02
      seen.history = 1000
      var judge = judge()
      return try #require(judge.judge(seen).alert?.confidence)
    }
    let alone = try confidence([rule("a")], 0.02)
    #expect(abs(alone - 0.5 * 1002 / 1004) < 1e-9, "the model says what it says of any event")
    #expect(try confidence([rule("a")], 0.001) < 0.1)
    #expect(try confidence([rule("a")], 0.6) > 0.97)
    #expect(try confidence([rule("a"), rule("b")], 0.02) > alone)
    #expect(abs(try confidence([modelFinding()], 0.6) - 0.6 * 1002 / 1004) < 1e-9)
  }

  @Test("Severity of a model's alert lies between its score and the risk")
  func severity() throws {
    let expected: [(Double, low: Severity, high: Severity, critical: Severity, none: Severity)] = [
      (0.95, .medium, .high, .critical, .critical), (0.9, .medium, .high, .critical, .critical),
      (0.7, .medium, .high, .high, .high), (0.5, .low, .medium, .high, .medium),
      (0.3, .low, .medium, .medium, .low), (0.01, .low, .low, .medium, .low),
    ]
    func severity(_ score: Double, _ risk: Risk?) -> Severity? {
      let row = risk.map {
        MappingRow(id: "r", category: "c", risk: $0, costUSD: 0, action: "", owner: "")
      }
      var judge = Judge(
        policy: Judge.Policy(mappings: row.map { [Mapping(id: "m", rows: [$0])] } ?? []))
      return judge.judge(evidence(found: [modelFinding()], score: score)).alert?.severity
    }
    for (score, low, high, critical, none) in expected {
      #expect(severity(score, .low) == low)
      #expect(severity(score, .high) == high)
      #expect(severity(score, .critical) == critical)
      #expect(severity(score, nil) == none)
    }
  }

  @Test("A finding within the hour joins, one after it raises a new alert")
  func joining() throws {
    var judge = judge()
    let first = try #require(judge.judge(evidence("e0")).alert)
    let joined = try #require(
      judge.judge(evidence("e1", at: afternoon + .hours(1), found: [rule("auth.burst", .critical)]))
        .joined)
    #expect(joined.alertID == first.id && joined.count == 1 && joined.eventID == "e1")
    #expect(joined.severity == .critical && joined.findingID != first.id)
    let late = try #require(judge.judge(evidence("e2", at: afternoon - .minutes(30))).joined)
    #expect(late.count == 2 && late.severity == .critical)
    let next = try #require(judge.judge(evidence("e3", at: afternoon + .minutes(121))).alert)
    #expect(next.recurrence == 1)
    #expect(next.incident == first.incident)
  }

  @Test("An alert takes what joins for 24 hours at most")
  func cap() {
    var judge = judge()
    var raised = 0
    for i in 0..<100 {
      let verdict = judge.judge(evidence("e\(i)", at: afternoon + .minutes(Int64(i) * 30)))
      if verdict.alert != nil { raised += 1 }
    }
    // 49 findings in 24 hours, ends included; the 50th and the 99th open new alerts.
    #expect(raised == 3)
  }

  @Test("Another entity, row or rule does not join; an event without entity never does")
  func apart() {
    var judge = judge()
    _ = judge.judge(evidence("e0"))
    #expect(judge.judge(evidence("e1", user: "bob")).alert != nil)
    #expect(judge.judge(evidence("e2", features: ["event_count_1h": 20])).alert != nil)
    #expect(judge.judge(evidence("e3", found: [rule("other")])).alert != nil)
    #expect(judge.judge(evidence("e4", found: [modelFinding()], score: 0.5)).alert != nil)
    #expect(judge.judge(evidence("e5", user: nil)).alert != nil)
    #expect(judge.judge(evidence("e6", user: nil)).alert != nil)
    #expect(judge.judge(evidence("e7")).joined != nil)
  }

  @Test("The event that raised an alert, delivered again, is not counted")
  func repeated() throws {
    var judge = judge()
    let first = try #require(judge.judge(evidence()).alert)
    guard case .repeated(let id) = judge.judge(evidence()) else {
      Issue.record("not recognised")
      return
    }
    #expect(id == first.id)
    #expect(judge.judge(evidence("e2")).joined?.count == 1)
  }

  @Test("Recurrence counts 30 days back, an incident goes on while alerts come within 24 hours")
  func recurrence() throws {
    var judge = judge()
    var incidents: [String] = []
    for day in [0, 1, 2, 4, 31, 70] {
      let alert = try #require(
        judge.judge(evidence("d\(day)", at: afternoon + .days(Int64(day)))).alert)
      incidents.append(alert.incident)
      #expect(alert.recurrence == [0: 0, 1: 1, 2: 2, 4: 3, 31: 3, 70: 0][day])
    }
    #expect(incidents[0] == incidents[1] && incidents[1] == incidents[2])
    #expect(Set(incidents).count == 4)
  }

  @Test("A late alert counts what lay before it and leaves the newer one open")
  func late() throws {
    var judge = judge()
    let newer = try #require(judge.judge(evidence("e0", at: afternoon + .days(3))).alert)
    let late = try #require(judge.judge(evidence("e1", at: afternoon)).alert)
    #expect(late.recurrence == 0 && late.incident != newer.incident)
    let next = evidence("e2", at: afternoon + .days(3) + .minutes(1))
    #expect(judge.judge(next).joined?.alertID == newer.id)
    let later = try #require(
      judge.judge(evidence("e3", at: afternoon + .days(3) + .hours(2))).alert)
    #expect(later.recurrence == 2 && later.incident == newer.incident)
  }

  @Test("Recurrence stops counting at 100")
  func mostRecurrence() {
    var judge = judge()
    var last = 0
    for i in 0..<130 {
      let verdict = judge.judge(evidence("e\(i)", at: afternoon + .hours(Int64(i) * 2)))
      last = verdict.alert?.recurrence ?? -1
      #expect(last == min(i, 100))
    }
    #expect(last == 100)
  }

  @Test("What was remembered from the store is taken up where it was left")
  func remembered() throws {
    var before = judge()
    let first = try #require(before.judge(evidence("e0")).alert)
    _ = before.judge(evidence("e1"))
    var after = judge()
    after.remember(first, joined: 1)
    let next = evidence("e2", at: afternoon + .minutes(10))
    #expect(after.judge(next).joined == before.judge(next).joined)
    let later = evidence("e3", at: afternoon + .hours(3))
    #expect(after.judge(later).alert == before.judge(later).alert)
  }

  @Test("Ids depend on event, entity, row and rules, and on nothing else")
  func ids() throws {
    func id(_ evidence: Evidence) -> String? {
      var judge = judge()
      return judge.judge(evidence).alert?.id
    }
    let plain = id(evidence())
    #expect(id(evidence()) == plain)
    #expect(id(evidence(found: [rule("auth.burst", .low, title: "x", message: "y")])) == plain)
    let others = [
      evidence("e2"), evidence(at: afternoon + .seconds(1)), evidence(source: "t"),
      evidence(user: "bob"), evidence(user: nil), evidence(features: ["event_count_1h": 20]),
      evidence(found: [rule("auth.burst"), rule("b")]), evidence(found: [rule("auth.burst2")]),
    ].map(id)
    #expect(Set(others + [plain]).count == 9)
    // Length goes into the digest: moving a letter from one part to the next changes it.
    #expect(id(evidence("ab", source: "c")) != id(evidence("b", source: "ca")))
  }

  /// What a judge must keep to, against a slow reckoning of the same rule.
  @Test("Random streams are split into alerts as the rule says", arguments: 0..<20)
  func oracle(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var judge = judge()
    struct Open {
      var id: String, first: Timestamp, last: Timestamp, count = 0
    }
    var open: [String: Open] = [:]
    var ids: Set<String> = []
    var time = afternoon
    for i in 0..<400 {
      time = time + .seconds(Int64(random.below(5400)))
      let user = "u\(random.below(4))"
      let found = rule("r\(random.below(2))")
      let seen = evidence("e\(i)", at: time, user: user, found: [found])
      let key = "\(user)/\(found.origin)"
      switch judge.judge(seen) {
      case .raised(let alert, _):
        if let known = open[key] {
          #expect(time - known.last > .hours(1) || time - known.first > .hours(24))
        }
        #expect(ids.insert(alert.id).inserted)
        open[key] = Open(id: alert.id, first: time, last: time)
      case .joined(let joined):
        guard var known = open[key] else {
          Issue.record("joined nothing")
          return
        }
        #expect(joined.alertID == known.id)
        #expect(time - known.last <= .hours(1) && time - known.first <= .hours(24))
        known.last = time
        known.count += 1
        #expect(joined.count == known.count)
        open[key] = known
      case .repeated: Issue.record("no event came twice")
      case .flooded: Issue.record("no rule floods")
      }
    }
  }

  @Test("Memory stays within its bound, and the longest untouched is forgotten first")
  func bounded() {
    var settings = Judge.Settings()
    settings.mostRemembered = 8
    settings.floodLimit = nil
    var judge = judge(settings)
    _ = judge.judge(evidence("first", user: "kept"))
    for i in 0..<1000 {
      _ = judge.judge(evidence("e\(i)", user: "u\(i)"))
      #expect(judge.judge(evidence("k\(i)", user: "kept")).joined?.count == i + 1)
    }
    #expect(judge.judge(evidence("again", user: "u0")).alert != nil)
  }

  @Test("Hostile texts and times are judged like any other", arguments: hostileTexts)
  func hostile(text: String) throws {
    var judge = judge()
    for time in [Timestamp.distantPast, .distantFuture, afternoon] {
      let seen = evidence(
        text, at: time, kind: text, source: text, user: text,
        fields: [text: .text(text)], found: [rule(text, title: text, message: text)],
        features: [text: .infinity])
      let alert = try #require(judge.judge(seen).alert)
      #expect(alert.entity?.value == text)
    }
  }
}
