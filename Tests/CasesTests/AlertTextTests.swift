import Cases
import Detection
import Primitives
import Testing

struct AlertTextTests {
  private var takeover: Alert {
    Alert(
      id: "0123456789abcdef0123", time: afternoon, eventID: "e1", source: "cert-logon",
      entity: Entity(field: "user", value: "user_3576664"), kind: .rule, rule: "auth.login-burst",
      score: nil, confidence: nil, severity: .high, title: "Account takeover attempt",
      message: "20 logins in 5 minutes by user_3576664",
      reasons: [
        Reason(
          feature: "logins", value: 20, normal: 2, contribution: nil,
          text: "20 logins in 5 minutes; usually 1 to 3")
      ],
      category: "Security - Account Takeover", risk: .high, costUSD: 500, costPer: .incident,
      compliance: ["SOC2", "GDPR"], action: "Lock account, notify user, require password reset",
      owner: "security_team", slaSeconds: 900, mapping: "account-takeover", incident: "inc-1")
  }

  @Test("The card says in three lines what, how bad and what to do")
  func card() {
    #expect(
      AlertCard.text(takeover, owners: owners) == """
        Account takeover attempt: 20 logins in 5 minutes by user_3576664.
        Risk HIGH · est. cost $500 · SLA 15 min · Security Operations
        Do: lock account, notify user, require password reset
        """)
  }

  @Test(
    "Costs per time, odd times to respond, unknown owners and abbreviations are said as they are")
  func oddCards() {
    var alert = takeover
    alert.message = ""
    alert.costUSD = 12_345.5
    alert.costPer = .minute
    alert.slaSeconds = 90
    alert.owner = "nobody"
    alert.action = "SAR first"
    #expect(
      AlertCard.text(alert, owners: owners) == """
        Account takeover attempt.
        Risk HIGH · est. cost $12,345.50 per minute · SLA 90 s · nobody
        Do: SAR first
        """)
  }

  @Test("A card without a mapping says so")
  func unmapped() {
    let alert = Alert(
      id: "0", time: afternoon, eventID: "e", source: "s", entity: nil, kind: .rule, rule: "r",
      score: nil, confidence: nil, severity: .medium, title: "Odd", message: "very odd.",
      incident: "inc-0")
    #expect(
      AlertCard.text(alert, owners: owners) == """
        Odd: very odd.
        Severity MEDIUM, no mapping
        """)
  }

  @Test(
    "Texts from outside cannot break the card's lines or reach the terminal",
    arguments: hostileTexts)
  func hostile(text: String) {
    var alert = takeover
    alert.title = text
    alert.message = text
    alert.action = text
    alert.owner = text
    alert.entity = Entity(field: text, value: text)
    alert.eventID = text
    alert.reasons = [Reason(feature: text, value: 1, normal: nil, contribution: 1, text: text)]
    let card = AlertCard.text(alert, owners: Owners())
    #expect(card.utf8.split(separator: 0x0A).count == (text.isEmpty ? 2 : 3))
    for written in [card, AlertStory.text(alert, owners: Owners())] {
      let control = written.unicodeScalars.first {
        $0 != "\n" && ($0.properties.generalCategory == .control || $0 == "\u{202E}")
      }
      #expect(control == nil)
      #expect(written.unicodeScalars.count < 6000)
    }
  }

  @Test("What is cut or spelt out can be seen")
  func shown() {
    #expect(AlertCard.shown("a\u{1B}[31m\nb") == "a\\u{1B}[31m\\nb")
    #expect(AlertCard.shown(String(repeating: "x", count: 500)).count == 401)
    #expect(AlertCard.shown(String(repeating: "x", count: 400)).hasSuffix("x"))
  }

  @Test("The story of a rule's alert answers all questions")
  func story() {
    #expect(
      AlertStory.text(takeover, owners: owners, context: AlertStory.Context(joined: 8)) == """
        Account takeover attempt: 20 logins in 5 minutes by user_3576664.
        high · 2026-03-01T14:00:00Z · alert 0123456789abcdef0123

        What happened
          event e1 of cert-logon
          user user_3576664
          found by rule auth.login-burst
          8 more findings joined it

        Why
          20 logins in 5 minutes; usually 1 to 3

        So what
          Security - Account Takeover
          Risk HIGH · est. cost $500 · SLA 15 min · Security Operations
          risk and cost: what mapping row account-takeover says of every such alert
          touches SOC2, GDPR

        Now what
          Lock account, notify user, require password reset
          respond by 2026-03-01T14:15:00Z
          tell Security Operations, security@example.com

        Has it happened before
          this entity with this meaning, whichever rule found it: not in the 30 days before · incident inc-1

        Can I trust it
          no model scored it: the rule's condition held exactly as written
        """)
  }

  @Test("What would have cleared it, and who agrees, are part of the story")
  func cleared() {
    var answer = Counterfactual(alert: "0", verdict: .clears, notes: ["a note"])
    answer.changes = [
      .init(quantity: "logins", from: 20, to: 7, text: "7 logins in 5 minutes instead of 20")
    ]
    answer.alternatives = [.init(quantity: "pause", from: 9, to: 301, text: "a longer pause")]
    func end(_ answer: Counterfactual, rules: [Finding], found: Bool?) -> String {
      let seen = evidence(found: rules)
      let judgement = FrozenJudgement(
        event: seen.event, rules: [],
        model: found.map { .init(path: nil, digest: "d", found: $0, facts: []) })
      let story = AlertStory.text(
        takeover, owners: owners,
        context: .init(
          frozen: FrozenEvidence(seen, judgement: judgement), counterfactual: answer))
      let start = story.firstRange(of: "Can I trust it")?.lowerBound ?? story.endIndex
      return String(story[start...])
    }
    #expect(
      end(answer, rules: [rule("a")], found: false) == """
        Can I trust it
          the rule alone: the model by itself would have let it pass
          no model scored it: the rule's condition held exactly as written

        What would have cleared it
          7 logins in 5 minutes instead of 20
          or a longer pause
          a note
        """)
    answer.verdict = .nothing(why: "so it is")
    #expect(
      end(answer, rules: [rule("a"), rule("b")], found: true).hasSuffix(
        "\n  nothing: so it is\n  a note"))
    #expect(
      end(answer, rules: [rule("a"), rule("b")], found: true).contains(
        "\n  a and b and the model agree\n"))
    answer.verdict = .unknown(why: "gone")
    #expect(end(answer, rules: [rule("a"), rule("b")], found: nil).contains("\n  a and b agree\n"))
    #expect(
      end(answer, rules: [rule("a")], found: true).contains("\n  the rule and the model agree\n"))
    #expect(end(answer, rules: [rule("a")], found: nil).hasSuffix("\n  unknown: gone\n  a note"))
  }

  @Test("The story of a model's alert shows how its reasons make up the score")
  func modelStory() {
    var seen = evidence(kind: "odd", found: [modelFinding(title: "Odd event")], score: 0.9)
    seen.modelName = "m1"
    seen.history = 196
    seen.features = [
      Measurement(name: "event_count_1h", value: 20, normal: 2, spread: 1, count: 30),
      Measurement(name: "hour_of_day", value: 3),
    ]
    seen.contributions = [
      Contribution(feature: "event_count_1h", value: 4),
      Contribution(feature: "hour_of_day", value: 1),
      Contribution(feature: "day_of_week", value: -0.5),
    ]
    seen.bias = -2.5
    seen.margin = 2
    var judge = judge()
    guard var alert = judge.judge(seen).alert else {
      Issue.record("no alert")
      return
    }
    alert.id = "ID"
    alert.recurrence = 1
    alert.incident = "inc-2"
    let context = AlertStory.Context(
      joined: 1, frozen: FrozenEvidence(seen), queueProbability: 0.25)
    #expect(
      AlertStory.text(alert, owners: owners, context: context) == """
        Odd event: ana: 20 events in the last hour (usually 1 to 3), hour of day 3 (probability 0.90).
        critical · 2026-03-01T14:00:00Z · alert ID

        What happened
          event e1 of s
          user ana
          found by model m1
          1 more finding joined it

        Why
          ██████████ +4.00 20 events in the last hour; usually 1 to 3
          ███░░░░░░░ +1.00 hour of day 3
          = +5.00 above, −0.50 from everything else, −2.50 to start with: margin +2.00

        So what
          no mapping matched: add a row to a mapping to say what this means

        Now what
          look at the event and decide

        Has it happened before
          this entity with this meaning, whichever rule found it: once in the 30 days before · incident inc-2

        Can I trust it
          calibrated probability 0.90: the model's, of this event by itself
          confidence 0.89: the model's and the entity's history together, as they were when it was raised
          ranked in the queue by probability 0.25, the model's
        """)
  }
}
