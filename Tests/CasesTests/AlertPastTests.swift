import Detection
import Primitives
import Testing

@testable import Cases

@Suite("Severity and response by score and past") struct AlertPastTests {
  private static let policy: [Mapping] = [
    Mapping(
      id: "response", on: [Predicate("kind", .equals(.text("login")))], rows: [],
      severities: [
        .init("critical", when: [Predicate("score", .atLeast(0.9))]),
        .init("low", when: [Predicate("score", .present)]),
      ],
      responses: [
        .init(
          "block",
          when: [Predicate("score", .atLeast(0.7)), Predicate("alerts_7d", .atLeast(3))]),
        .init("investigate", when: [Predicate("confirmed", .above(0))]),
        .init("escalating", when: [Predicate("score_over_mean", .above(1.5))]),
        .init("high", when: [Predicate("risk_profile", .equals(.text("high")))]),
        .init("log_only"),
      ])
  ]

  private func judge() -> Judge {
    Judge(policy: Judge.Policy(mappings: AlertPastTests.policy, owners: owners))
  }

  /// Judged as a run does it: what is known of the entity is looked up first.
  private func alert(
    _ judge: inout Judge, _ id: String, day: Int64, score: Double?, _ findings: [Finding],
    minutes: Int64 = 0
  ) -> Alert? {
    var seen = evidence(
      id, at: afternoon + .days(day) + .minutes(minutes), found: findings, score: score)
    seen.past = judge.past(of: seen)
    return judge.judge(seen).alert
  }

  @Test("The word of the first choice that matches replaces the model's grade and raises a rule's")
  func severity() {
    var judge = judge()
    #expect(alert(&judge, "a", day: 0, score: 0.95, [modelFinding()])?.severity == .critical)
    #expect(alert(&judge, "b", day: 2, score: 0.85, [modelFinding()])?.severity == .low)
    #expect(
      alert(&judge, "c", day: 4, score: 0.95, [rule("r", .medium)])?.severity == .critical)
    #expect(alert(&judge, "d", day: 6, score: 0.1, [rule("r", .high)])?.severity == .high)
    // Another kind asks another policy.
    #expect(Judge.Policy(mappings: []).response(to: evidence(kind: "odd")) == nil)
  }

  @Test("Three alerts in seven days make a repeat offender, counted exactly at the border")
  func repeatOffender() throws {
    var judge = judge()
    for day in 0..<3 as Range<Int64> {
      _ = alert(&judge, "e\(day)", day: day, score: 0.6, [rule("r\(day)", .low)])
    }
    let fourth = try #require(
      alert(&judge, "e3", day: 7, score: 0.75, [rule("r3", .low)]))
    #expect(fourth.past?.alerts7d == 3 && fourth.past?.alerts24h == 0)
    #expect(fourth.past?.isRepeatOffender == true && fourth.response == "block")
    let late = try #require(
      alert(&judge, "e4", day: 14, score: 0.75, [rule("r4", .low)], minutes: 1))
    #expect(late.past?.alerts7d == 0 && late.past?.alerts30d == 4)
    #expect(late.response == "log_only")
    let last = try #require(alert(&judge, "e5", day: 60, score: nil, [rule("r5", .low)]))
    #expect(last.past?.alerts30d == 0 && last.past?.meanScore == nil)
  }

  @Test("A score more than half above the mean of those before is escalating")
  func escalating() throws {
    var judge = judge()
    _ = alert(&judge, "a", day: 0, score: 0.2, [rule("r", .low)])
    _ = alert(&judge, "b", day: 1, score: 0.4, [rule("r", .low)])
    let same = try #require(alert(&judge, "c", day: 2, score: 0.45, [rule("r", .low)]))
    #expect(abs((same.past?.meanScore ?? 0) - 0.3) < 1e-12)
    #expect(same.past?.isEscalating == false)
    let worse = try #require(alert(&judge, "d", day: 10, score: 0.6, [rule("r", .low)]))
    #expect(worse.past?.isEscalating == true && worse.response == "escalating")
  }

  @Test("Confirmed and false alerts are those that people closed, of this entity, before the event")
  func outcomes() throws {
    var judge = judge()
    judge.know(
      Decisions([
        fact("a", at: -10, outcome: .truePositive), fact("b", at: -9, outcome: .benign),
        fact("c", at: -8, outcome: .duplicate), fact("d", at: -7),
        fact("e", at: 10, outcome: .truePositive),
        fact("f", at: -6, user: "ben", outcome: .truePositive),
      ]))
    let one = try #require(alert(&judge, "x", day: 0, score: nil, [rule("r", .low)]))
    #expect(one.past?.confirmed == 1 && one.past?.falseAlarms == 1)
    #expect(one.response == "investigate")
    let proved = EntityOutcomes(
      of: Entity(field: "user", value: "ana"), as: try #require(one.past))
    let counts = proved.counts(of: Entity(field: "user", value: "ana"), before: afternoon)
    #expect(counts == (1, 1))
  }

  @Test("A risk that a person set goes before what is counted, while it holds, and is proved so")
  func byHand() throws {
    func override(_ hundredths: Int, from: Int64, until: Int64) -> RiskOverride {
      RiskOverride(
        entity: ana, hundredths: hundredths, since: afternoon + .days(from),
        until: afternoon + .days(until), note: "n")
    }
    var judge = judge()
    judge.know(
      Decisions(
        [],
        overrides: [
          override(6000, from: 0, until: 2), override(5999, from: 4, until: 6),
          override(100_000, from: 4, until: 5),
        ]))
    _ = alert(&judge, "a", day: 3, score: nil, [rule("a", .critical)])
    let profiles: [(day: Int64, profile: String, byHand: Bool)] = [
      (1, "high", true), (2, "low", false), (4, "high", true), (5, "low", true), (6, "high", false),
    ]
    for (day, profile, byHand) in profiles {
      var seen = evidence("e\(day)", at: afternoon + .days(day))
      let past = try #require(judge.past(of: seen))
      #expect(past.profile == profile && past.isSetByHand == byHand, "day \(day)")
      seen.past = past
      var again = self.judge()
      again.outcomes = EntityOutcomes(of: ana, as: past)
      if byHand { #expect(again.past(of: seen)?.profile == profile) }
      #expect(again.past(of: seen)?.isSetByHand == byHand)
    }
    let told = try #require(alert(&judge, "x", day: 5, score: nil, [rule("x", .low)]))
    #expect(try AlertReader.alert(AlertWriter.line(told)) == told)
    #expect(
      AlertStory.text(told, owners: owners).contains("risk profile low, set by hand"),
      "\(AlertStory.text(told, owners: owners))")
  }

  @Test("Taken in one by one, decisions count as they do when all are read at once")
  func oneByOne() {
    for seed in UInt64(0)..<20 {
      var facts = randomFacts(60, seed: seed)
      var kept = Decisions(facts)
      var random = SeededRandom(seed: seed, purpose: "decisions")
      for _ in 0..<200 {
        let place = random.below(facts.count)
        let outcomes: [AlertFact.Outcome?] = [nil] + AlertFact.Outcome.allCases
        facts[place].outcome = outcomes[random.below(outcomes.count)]
        kept.take(Decisions.Decided(facts[place]))
      }
      let whole = Decisions(facts)
      #expect(kept.record == whole.record && kept.record == TrackRecord(facts))
      for entity in Set(facts.compactMap(\.entity)) {
        for fact in facts {
          let (one, all) = (
            kept.outcomes.counts(of: entity, before: fact.time),
            whole.outcomes.counts(of: entity, before: fact.time)
          )
          let known = facts.filter { $0.entity == entity && $0.time < fact.time }
          #expect(one == all)
          #expect(one.confirmed == known.count { $0.outcome == .truePositive })
          #expect(
            one.falseAlarms == known.count { $0.outcome == .falsePositive || $0.outcome == .benign }
          )
        }
      }
    }
  }

  @Test("The profile is high after a critical alert, three with a high one, or ten")
  func profile() throws {
    var critical = judge()
    _ = alert(&critical, "a", day: 0, score: nil, [rule("r", .critical)])
    #expect(
      alert(&critical, "b", day: 1, score: nil, [rule("r", .low)])?.past?.isHighRisk == true)
    var high = judge()
    for day in 0..<3 as Range<Int64> {
      let one = alert(&high, "e\(day)", day: day, score: nil, [rule("r", day == 0 ? .high : .low)])
      #expect(one?.past?.isHighRisk == false)
    }
    #expect(alert(&high, "x", day: 3, score: nil, [rule("r", .low)])?.past?.isHighRisk == true)
    var many = judge()
    for day in 0..<10 as Range<Int64> {
      let one = alert(&many, "e\(day)", day: day, score: nil, [rule("r", .low)])
      #expect(one?.past?.isHighRisk == false)
    }
    #expect(alert(&many, "x", day: 10, score: nil, [rule("r", .low)])?.response == "high")
  }

  @Test("It is told in the story, written with the alert and read back")
  func written() throws {
    var judge = judge()
    judge.know(Decisions([fact("a", at: -10, outcome: .truePositive)]))
    for day in 0..<3 as Range<Int64> {
      _ = alert(&judge, "e\(day)", day: day, score: 0.4, [rule("r\(day)", .low)])
    }
    let last = try #require(alert(&judge, "x", day: 3, score: 0.75, [rule("r", .low)]))
    #expect(try AlertReader.alert(AlertWriter.line(last)) == last)
    let story = AlertStory.text(last, owners: owners)
    #expect(story.contains("\n  response: block"))
    #expect(
      story.contains(
        "\n  3 alerts about it in the 7 days before: a repeat offender · "
          + "score 1.9 times their mean: escalating · 1 confirmed"))
  }

  @Test("What a rule's alerts turned out to be is how sure its next one is")
  func confidence() throws {
    var judge = judge()
    let unknown = try #require(alert(&judge, "a", day: 0, score: nil, [rule("r", .low)]))
    #expect(unknown.confidence == nil)
    judge.record = TrackRecord(
      (0..<8).map { fact("t\($0)", rule: "r", outcome: $0 < 6 ? .truePositive : .benign) })
    let known = try #require(alert(&judge, "b", day: 2, score: nil, [rule("r", .low)]))
    #expect(known.confidence == 0.7)
    let story = AlertStory.text(
      known, owners: owners,
      context: .init(frozen: FrozenEvidence(evidence(found: [rule("r")]), record: judge.record)))
    #expect(story.contains("of 8 alerts of r that people had decided by then, 6 were true"))
    #expect(story.contains("no model scored it\n  confidence 0.70: how its rules did before it"))
    var scored = evidence("c", at: afternoon + .days(9), found: [rule("r", .low)], score: 0.02)
    scored.baseRate = 0.02
    // The model finds the event as likely as any: the rule's own record is left.
    let both = try #require(judge.judge(scored).alert)
    #expect(abs((both.confidence ?? 0) - 0.7) < 1e-12)
  }

  @Test("A score that says how rare an event is stays that where decided rules give a confidence")
  func rarity() throws {
    var judge = judge()
    judge.record = TrackRecord(
      (0..<8).map { fact("t\($0)", rule: "r", outcome: $0 < 6 ? .truePositive : .benign) })
    var rare = evidence("a", found: [rule("r", .low)], score: 0.99)
    rare.scoreIsRarity = true
    let alert = try #require(judge.judge(rare).alert)
    #expect(alert.confidence == 0.7 && alert.score == 0.99 && alert.scoreMeaning == .rarity)
    let read = try AlertReader.alert(AlertWriter.line(alert))
    #expect(read == alert && read.probability == nil)
    let exported = ExportedAlert(
      alert: alert, state: .new, joined: 0, highestSeverity: alert.severity)
    // Of the severity and the confidence, whatever the score says.
    #expect(OCSFAlert.json(exported, product: "1")["risk_score"] == 17)
    #expect(ECSAlert.json(exported, product: "1")["event"]?["risk_score"] == 17)
    #expect(
      AlertStory.text(alert, owners: owners).hasSuffix(
        "\n  rarer than 99.00 % of events\n  confidence 0.70: how its rules did before it "
          + "and the entity's history together, as they were when it was raised"))
    // Conditions on the score ask for a probability: this is none.
    #expect(alert.severity == .low && alert.response == "log_only")
    #expect(rare.value(of: "score") == .missing && rare.value(of: "rarity") == .number(0.99))
    rare.scoreIsRarity = false
    #expect(rare.value(of: "score") == .number(0.99) && rare.value(of: "rarity") == .missing)
    // Neither this judge nor one that takes the alert up from the store means it with probabilities.
    var later = self.judge()
    later.remember(alert)
    let next = evidence("b", at: afternoon + .days(1), score: 0.5)
    #expect(judge.past(of: next)?.meanScore == nil && judge.past(of: next)?.alerts7d == 1)
    #expect(later.past(of: next)?.meanScore == nil && later.past(of: next)?.alerts7d == 1)
  }
}
