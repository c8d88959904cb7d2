import Detection
import Primitives
import Testing

@testable import Cases

/// A fact with the defaults that tests do not care about.
func fact(
  _ id: String = "a", at minutes: Int64 = 0, user: String? = "ana", with others: [Entity] = [],
  rule: String? = "r", finders: [String]? = nil, score: Double? = nil,
  severity: Severity = .high, mapping: String? = "m", owner: String? = "o",
  cost: Cents = .zero, per: CostUnit = .incident, outcome: AlertFact.Outcome? = nil,
  closedAfter: Int64? = nil, until end: Int64? = nil
) -> AlertFact {
  let own = user.map { Entity(field: "user", value: $0) }
  let time = afternoon + .minutes(minutes)
  return AlertFact(
    id: id, time: time, entity: own, entities: (own.map { [$0] } ?? []) + others,
    finders: finders ?? [rule ?? AlertFact.model], rule: rule, score: score, severity: severity,
    title: "title", mapping: mapping, owner: owner, cost: cost, costPer: per,
    incident: "inc-\(id)", outcome: outcome,
    closedAt: outcome == nil ? nil : time + .minutes(closedAfter ?? 1),
    times: end.map { end in (minutes..<max(minutes, end)).map { afternoon + .minutes($0 + 1) } }
      ?? [])
}

let ana = Entity(field: "user", value: "ana")
let till = Entity(field: "terminal", value: "t1")

/// Alerts about a few users at a few terminals, some of them closed; the seed decides.
func randomFacts(_ count: Int, seed: UInt64) -> [AlertFact] {
  var random = SeededRandom(seed: seed)
  func draw(_ n: Int) -> Int { Int(random.next() % UInt64(n)) }
  let outcomes: [AlertFact.Outcome?] = [nil, nil] + AlertFact.Outcome.allCases
  return (0..<count).map { number in
    let outcome = outcomes[draw(outcomes.count)]
    let rules = ["r1", "r2", "r3"].filter { _ in draw(2) == 0 }
    let finders = rules.isEmpty || draw(3) == 0 ? rules + [AlertFact.model] : rules
    return fact(
      "a\(number)", at: Int64(draw(60 * 24 * 20)), user: draw(20) == 0 ? nil : "u\(draw(8))",
      with: draw(2) == 0 ? [Entity(field: "terminal", value: "t\(draw(6))")] : [],
      rule: rules.first, finders: finders,
      score: draw(2) == 0 ? Double(draw(100)) / 100 : nil, severity: Severity.allCases[draw(5)],
      mapping: draw(5) == 0 ? nil : "m\(draw(3))", owner: draw(4) == 0 ? nil : "o\(draw(3))",
      cost: Cents(draw(100_000)), per: CostUnit.allCases[draw(3)], outcome: outcome,
      closedAfter: Int64(1 + draw(60 * 24 * 3)))
  }.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
}

@Suite("The risk of entities") struct RiskTests {
  private let now = afternoon + .days(20)

  @Test("Contributions always sum to the score, by hand or not", arguments: 0..<20 as Range<UInt64>)
  func sums(seed: UInt64) {
    let facts = randomFacts(200, seed: seed)
    let override = RiskOverride(
      entity: Entity(field: "user", value: "u1"), hundredths: 4250, since: afternoon,
      until: now + .days(1), note: "")
    let book = RiskBook(facts, overrides: [override]) { $0.value == "u2" ? 3.7 : 1 }
    for entity in book.entities {
      let risk = book.risk(of: entity, at: now)
      #expect(risk.hundredths == risk.contributions.map(\.hundredths).reduce(0, +))
      if entity == override.entity { #expect(risk.hundredths == 4250) }
      // What is shown with two decimals adds up, too.
      let shown = risk.contributions.map { Format.decimal($0.points) }.compactMap {
        Double($0.replacing(",", with: ""))
      }
      #expect(abs(shown.reduce(0, +) - risk.score) < 1e-6)
    }
  }

  @Test("Decay is exact: a half-life later each part is half, rounded down")
  func decay() {
    for severity in Severity.allCases {
      let book = RiskBook([fact(severity: severity)])
      for lives in 0..<8 {
        let risk = book.risk(of: ana, at: afternoon + .days(Int64(7 * lives)))
        #expect(risk.hundredths == (RiskSettings.points(severity) * 100) >> lives)
      }
    }
  }

  @Test("Another alert never lowers a risk", arguments: 0..<20 as Range<UInt64>)
  func monotone(seed: UInt64) {
    let facts = randomFacts(120, seed: seed)
    let whole = RiskBook(facts)
    for place in stride(from: 0, to: facts.count, by: 7) {
      var fewer = facts
      let removed = fewer.remove(at: place)
      let without = RiskBook(fewer)
      for entity in removed.entities {
        #expect(
          whole.risk(of: entity, at: now).hundredths
            >= without.risk(of: entity, at: now).hundredths)
      }
    }
  }

  @Test("What was closed as anything but true adds nothing from then on, and did before")
  func falsePositive() {
    for outcome in [AlertFact.Outcome.falsePositive, .benign, .duplicate] {
      let book = RiskBook([fact(outcome: outcome, closedAfter: 60)])
      #expect(book.risk(of: ana, at: afternoon + .minutes(59)).hundredths > 0)
      #expect(book.risk(of: ana, at: afternoon + .minutes(60)).contributions == [])
    }
    let confirmed = RiskBook([fact(outcome: .truePositive)])
    #expect(confirmed.risk(of: ana, at: afternoon).hundredths == 2500)
    #expect(confirmed.risk(of: ana, at: afternoon + .minutes(1)).hundredths > 4990)
  }

  @Test("The past is what it was: later alerts and closings change nothing of it")
  func history() {
    let facts = randomFacts(150, seed: 3)
    let moment = afternoon + .days(10)
    let then = facts.compactMap { $0.known(at: moment) }
    let (whole, past) = (RiskBook(facts), RiskBook(then))
    for entity in past.entities {
      #expect(whole.risk(of: entity, at: moment) == past.risk(of: entity, at: moment))
    }
    #expect(whole.risk(of: ana, at: afternoon - .days(1)).contributions == [])
  }

  @Test("The way to green leads there, and not a second or an alert sooner")
  func green() throws {
    let facts = (0..<5).map { fact("a\($0)", at: Int64($0 * 600), severity: .critical) }
    let book = RiskBook(facts)
    let risk = book.risk(of: ana, at: now)
    #expect(risk.band == .amber)
    let way = try #require(risk.wayToGreen)
    #expect(book.risk(of: ana, at: way.byItself).band == .green)
    #expect(book.risk(of: ana, at: way.byItself - .seconds(1)).band == .amber)
    func closed(_ ids: some Collection<String>) -> RiskBand {
      let closed = facts.map { one in
        var one = one
        if ids.contains(one.id) {
          one.outcome = .falsePositive
          one.closedAt = one.time
        }
        return one
      }
      return RiskBook(closed).risk(of: ana, at: now).band
    }
    #expect(closed(way.closing) == .green)
    #expect(closed(way.closing.dropLast()) == .amber)
    #expect(book.risk(of: ana, at: way.byItself).wayToGreen == nil)
  }

  @Test("A fresh high alert is amber and a critical one with it red, also a second later")
  func bands() {
    func band(_ severities: Severity...) -> RiskBand {
      RiskBook(severities.enumerated().map { fact("a\($0)", severity: $1) })
        .risk(of: ana, at: afternoon + .seconds(1)).band
    }
    #expect(band(.medium) == .green)
    #expect(band(.high) == .amber)
    #expect(band(.critical) == .amber)
    #expect(band(.critical, .high) == .red)
  }

  @Test(
    "A decision counts at once, whatever time the events have; at an earlier time only where it was made by then"
  )
  func clocks() {
    // Read in the month after: nobody could have decided by then, so that what is known today counts.
    var old = fact("a", severity: .critical, outcome: .falsePositive, closedAfter: 60 * 24 * 30)
    old.isLive = false
    for moment in [afternoon, afternoon + .days(1), afternoon + .days(40)] {
      #expect(RiskBook([old]).risk(of: ana, at: moment).hundredths == 0)
    }
    let live = RiskBook([fact(severity: .critical, outcome: .falsePositive, closedAfter: 60)])
    #expect(live.risk(of: ana, at: afternoon + .minutes(59)).band == .amber)
    #expect(live.risk(of: ana, at: afternoon + .minutes(61)).hundredths == 0)
    // The newest alert's time is now, although the decision came after it.
    #expect(live.risk(of: ana, at: afternoon, decisions: .distantFuture).hundredths == 0)
  }

  @Test("The way to green says what a person set has to be taken back where that is in its way")
  func held() throws {
    func way(_ hundredths: Int, _ facts: [AlertFact]) -> (EntityRisk, WayToGreen?) {
      let set = RiskOverride(
        entity: ana, hundredths: hundredths, since: afternoon, until: afternoon + .days(2), note: ""
      )
      let risk = RiskBook(facts, overrides: [set]).risk(of: ana, at: afternoon)
      return (risk, risk.wayToGreen)
    }
    let (alone, clear) = way(3000, [])
    #expect(alone.band == .amber && alone.computed == .green)
    #expect(clear == WayToGreen(byItself: afternoon + .days(2), closing: [], clearing: true))
    let (both, twice) = way(9000, [fact(severity: .critical)])
    #expect(both.band == .red && both.computed == .amber)
    #expect(twice?.closing == ["a"] && twice?.clearing == true)
    #expect(try #require(twice).byItself > afternoon + .days(2))
    let (quiet, later) = way(0, [fact(severity: .critical)])
    #expect(quiet.band == .green && quiet.computed == .amber)
    #expect(later?.closing == ["a"] && later?.clearing == false)
    #expect(way(0, []).1 == nil)
  }

  @Test("Who is only named by an event gets a quarter, and criticality multiplies")
  func roles() {
    let book = RiskBook([fact(with: [till])]) { $0 == till ? 2 : 1 }
    #expect(book.risk(of: ana, at: afternoon).hundredths == 2500)
    #expect(book.risk(of: till, at: afternoon).hundredths == 1250)
  }

  @Test("A risk set by hand holds until its end, until it is taken back, or until the next")
  func override() {
    func set(_ hundredths: Int, from: Int64, to: Int64, cleared: Int64? = nil) -> RiskOverride {
      RiskOverride(
        entity: ana, hundredths: hundredths, since: afternoon + .minutes(from),
        until: afternoon + .minutes(to), cleared: cleared.map { afternoon + .minutes($0) }, note: ""
      )
    }
    let book = RiskBook(
      [fact()],
      overrides: [set(0, from: 10, to: 100), set(9000, from: 20, to: 50, cleared: 40)])
    func score(_ minute: Int64) -> Int {
      book.risk(of: ana, at: afternoon + .minutes(minute)).hundredths
    }
    #expect(score(9) > 2400)
    #expect([10, 19, 20, 39, 40, 99].map(score) == [0, 0, 9000, 9000, 0, 0])
    #expect(score(100) > 2400)
    #expect(book.risk(of: ana, at: afternoon + .minutes(25)).band == .red)
  }

  @Test("Criticality is the entity's own, else the highest of its lists, else 1")
  func criticality() {
    let file = Criticality(
      values: ["user": ["ana": 0.5]], lists: ["user": ["vip": 2, "staff": 1.5]])
    let holds: (String, String) -> Bool = { list, value in
      ["vip": ["ana", "ben"], "staff": ["ben", "cleo"]][list]?.contains(value) ?? false
    }
    let weights = ["ana", "ben", "cleo", "dan"].map {
      file.of(Entity(field: "user", value: $0), holds: holds)
    }
    #expect(weights == [0.5, 2, 1.5, 1])
    #expect(file.of(Entity(field: "device", value: "ben"), holds: holds) == 1)
  }
}
