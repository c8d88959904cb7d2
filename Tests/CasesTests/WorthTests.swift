import Detection
import Primitives
import Testing

@testable import Cases

@Suite("What alerts are worth") struct WorthTests {
  @Test("An amount parted among several adds up, each part equal to a cent")
  func parts() {
    for amount in [-1001, -7, -1, 0, 1, 2, 99, 100, 12_345] {
      for n in 1...7 {
        let parts = Cents(amount).parts(n).map(\.count)
        #expect(parts.reduce(0, +) == amount)
        #expect((parts.max() ?? 0) - (parts.min() ?? 0) <= 1)
      }
    }
    #expect(Cents(dollars: 0.1 + 0.2) == Cents(30))
    #expect(Cents(dollars: .nan) == .zero)
    #expect(Cents(dollars: .infinity) == Cents(Cents.most))
    #expect(Cents(Cents.most).times(1000) == Cents(Cents.most))
    #expect(Cents(-Cents.most).times(1000) == Cents(-Cents.most))
    #expect(Cents(10).times(2) == Cents(20))
  }

  @Test("A rule is believed by its record, the model by its calibrated probability")
  func record() {
    let facts =
      (0..<6).map { fact("t\($0)", rule: "good", outcome: .truePositive) }
      + (0..<6).map { fact("f\($0)", rule: "bad", outcome: $0 < 3 ? .falsePositive : .benign) }
      + [fact("d", rule: "new", outcome: .duplicate)]
    let record = TrackRecord(facts)
    #expect(record.probability(fact(rule: "good")) == 7.0 / 8)
    #expect(record.probability(fact(rule: "bad")) == 1.0 / 8)
    #expect(record.probability(fact(rule: "new")) == 0.5)
    #expect(record.probability(fact(rule: "new", score: 0.9)) == 0.9)
    #expect(record.probability(fact(rule: nil, score: 0.25)) == 0.25)
  }

  @Test(
    "The queue is ordered by loss × probability × criticality", arguments: 0..<10 as Range<UInt64>)
  func order(seed: UInt64) {
    let facts = randomFacts(150, seed: seed)
    let ranked = Worth.rank(facts, lull: .hours(1)) { $0.value == "u3" ? 2.5 : 1 }
    #expect(ranked.count == facts.count { $0.outcome == nil })
    for (a, b) in zip(ranked, ranked.dropFirst()) { #expect(a.worth >= b.worth) }
    for one in ranked {
      let exact = one.loss.dollars * one.probability * one.criticality
      #expect(abs(one.worth.dollars - exact) <= 0.0051)
    }
  }

  @Test("What an incident loses is counted once, with the likeliest of its alerts that tell of it")
  func lossOnce() {
    func loss(
      _ id: String, score: Double?, outcome: AlertFact.Outcome? = nil, mapping: String = "m"
    ) -> AlertFact {
      fact(id, score: score, mapping: mapping, cost: Cents(500_00), outcome: outcome)
    }
    let facts = [loss("a", score: 0.6), loss("b", score: 0.9), loss("c", score: nil, mapping: "n")]
    let ranked = Worth.rank(
      facts, lull: .hours(1), incident: { _ in "inc" }, criticality: { _ in 1 })
    #expect(ranked.map(\.fact.id) == ["b", "c", "a"])
    #expect(ranked.map(\.worth.count) == [450_00, 250_00, 0])
    #expect(ranked.map(\.loss.count) == [500_00, 500_00, 0])
    // In two incidents they are two losses; confirmed, the loss is stopped.
    let apart = Worth.rank(
      facts, lull: .hours(1), incident: { $0.id }, criticality: { _ in 1 })
    #expect(apart.map(\.worth.count) == [450_00, 300_00, 250_00])
    let stopped = Worth.rank(
      [loss("z", score: nil, outcome: .truePositive)] + facts, lull: .hours(1),
      incident: { _ in "inc" }, criticality: { _ in 1 })
    #expect(stopped.map(\.worth.count).reduce(0, +) == 333_33)
  }

  @Test(
    "Queue, ledger and incident say the same of what costs by the minute, in each alert's own time")
  func sameEverywhere() {
    func spike(_ id: String, at: Int64, to end: Int64, _ outcome: AlertFact.Outcome? = nil)
      -> AlertFact
    {
      fact(
        id, at: at, cost: Cents(200_00), per: .minute, outcome: outcome, until: end)
    }
    // Four begun minutes; an instant seven hours later; fourteen hours.
    let facts = [
      spike("a", at: 0, to: 4), spike("b", at: 424, to: 424), spike("c", at: 900, to: 1740),
    ]
    let expected = [800_00, 200_00, 840 * 200_00]
    let incident = IncidentBook(facts).incidents[0]
    #expect(facts.map { incident.losses[$0.id]?.count } == expected)
    #expect(incident.cost.count == expected.reduce(0, +))
    let ranked = Worth.rank(
      facts, lull: .hours(1), incident: { _ in "i" }, criticality: { _ in 1 })
    let loss = Dictionary(ranked.map { ($0.fact.id, $0.loss.count) }) { first, _ in first }
    #expect(facts.map { loss[$0.id] } == expected)
    let confirmed = facts.map { fact in
      var fact = fact
      fact.outcome = .truePositive
      return fact
    }
    let ledger = Ledger(IncidentBook(confirmed))
    #expect(ledger.decisions.map(\.loss.count) == expected)
  }

  @Test("A minute is paid once, a short pause counts and a long one does not")
  func losses() {
    func spike(_ id: String, at: Int64, to end: Int64, _ unit: CostUnit = .minute) -> AlertFact {
      fact(id, at: at, cost: Cents(10), per: unit, until: end)
    }
    func cost(_ facts: [AlertFact]) -> [Int] {
      let losses = Losses.of(facts, lull: .minutes(30))
      return facts.map { losses[$0.id]?.count ?? -1 }
    }
    // Of two at once the second is paid already; what goes on longer pays the rest.
    #expect(cost([spike("a", at: 0, to: 10), spike("b", at: 5, to: 10)]) == [100, 0])
    #expect(cost([spike("a", at: 0, to: 10), spike("b", at: 5, to: 12)]) == [100, 20])
    #expect(cost([spike("a", at: 0, to: 0), spike("b", at: 0, to: 0)]) == [10, 0])
    #expect(cost([spike("a", at: 0, to: 10), spike("b", at: 40, to: 41)]) == [100, 310])
    #expect(cost([spike("a", at: 0, to: 10), spike("b", at: 41, to: 42)]) == [100, 10])
    // Two of one day cost a day.
    #expect(
      cost([spike("a", at: 0, to: 5, .day), spike("b", at: 900, to: 905, .day)]) == [10, 0])
    #expect(
      cost([spike("a", at: 0, to: 5, .day), spike("b", at: 1500, to: 1505, .day)]) == [10, 10])
    // A time that no clock reaches does not overflow.
    var endless = spike("a", at: 0, to: 1)
    endless.times = [.distantFuture]
    #expect(Losses.of([endless, spike("b", at: 1, to: 1)], lull: .hours(1))["b"] == .zero)
  }

  @Test(
    "What costs by the minute costs the same whether a finding raises an alert or is counted with one"
  )
  func joining() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<200 {
      let minutes = (0..<12).map { _ in Int64(random.below(400)) }.sorted()
      func alert(_ id: String, _ times: ArraySlice<Int64>) -> AlertFact {
        var one = fact(id, at: times[times.startIndex], cost: Cents(10), per: .minute)
        one.times = times.dropFirst().map { afternoon + .minutes($0) }
        return one
      }
      func cost(_ facts: [AlertFact]) -> Cents {
        Losses.of(facts, lull: .minutes(30)).values.reduce(.zero, +)
      }
      let together = cost([alert("a", minutes[...])])
      let border = 1 + random.below(11)
      #expect(
        together == cost([alert("a", minutes[..<border]), alert("b", minutes[border...])]))
      #expect(
        together == cost(minutes.enumerated().map { alert("a\($0)", [$1]) }), "\(minutes)")
    }
  }

  @Test("An alert that adds nothing to its incident names the one that stands for the same loss")
  func stakes() throws {
    let facts = [
      fact("a", at: 0, cost: Cents(10), per: .minute, until: 7),
      fact("b", at: 5, cost: Cents(10), per: .minute),
      fact("c", at: 6, user: "ben", cost: Cents(5)),
      fact("d", at: 8, user: "ben", cost: Cents(5)),
      fact("e", at: 9, cost: Cents(5), outcome: .falsePositive), fact("f", at: 9, mapping: nil),
    ]
    func words(_ id: String) -> String? {
      AlertStakes(of: id, among: facts, lull: .hours(1))?.words
    }
    #expect(
      words("a") == "came to $0.70: 7 minutes in which it was found, pauses up to 1 hour with them")
    #expect(words("b") == "adds nothing to its incident: alert a stands for the same loss")
    #expect(words("c") == nil)
    #expect(words("d") == "adds nothing to its incident: alert c stands for the same loss")
    #expect(words("e") == nil && words("f") == nil)
  }

  @Test("Periods of the ledger sum to the whole, though an incident goes over the border")
  func periods() {
    let facts = (0..<4 as Range<Int64>).map {
      fact("a\($0)", at: $0 * 600, cost: Cents(100_00), outcome: .truePositive)
    }
    let book = IncidentBook(facts)
    let border = afternoon + .minutes(900)
    let whole = Ledger(book)
    let first = Ledger(book) { $0 < border }
    let second = Ledger(book) { $0 >= border }
    #expect(first.loss + second.loss == whole.loss && whole.loss == Cents(100_00))
    #expect(first.labour + second.labour == whole.labour)
    #expect(first.decisions.count + second.decisions.count == 4)
  }

  @Test("A budget keeps the best of each day or team, and names the price of one more")
  func budget() throws {
    let facts = randomFacts(150, seed: 5)
    let ranked = Worth.rank(facts, lull: .hours(1)) { _ in 1 }
    for share in AlertBudget.Share.allCases {
      let cuts = AlertBudget(count: 3, share: share).cut(ranked)
      #expect(cuts.reduce(0) { $0 + $1.kept.count + $1.left.count } == ranked.count)
      #expect(
        cuts.reduce(Cents.zero) { $0 + $1.keptWorth + $1.leftWorth }
          == ranked.reduce(Cents.zero) { $0 + $1.worth })
      for cut in cuts {
        #expect(cut.kept.count == min(3, cut.kept.count + cut.left.count))
        #expect(cut.nextWorth == cut.left.map(\.worth).max())
        let lowest = cut.kept.map(\.worth).min() ?? .zero
        #expect(cut.left.allSatisfy { $0.worth <= lowest })
      }
    }
    #expect(AlertBudget(count: 3, share: .all).cut(ranked).count == 1)
    let teams = AlertBudget(count: 3, share: .team).cut(ranked).map(\.name)
    #expect(Set(teams) == Set(ranked.map { $0.fact.owner ?? "nobody" }))
  }

  @Test(
    "The ledger's totals are the sums of its rows and of single decisions to the cent",
    arguments: 0..<20 as Range<UInt64>)
  func ledger(seed: UInt64) {
    let facts = randomFacts(300, seed: seed)
    var settings = LedgerSettings()
    settings.hourly = Cents(61_07)
    settings.friction = Cents(3_33)
    let ledger = Ledger(IncidentBook(facts), settings: settings)
    func sum<Element>(_ elements: [Element], _ of: (Element) -> Cents) -> Int {
      elements.reduce(0) { $0 + of($1).count }
    }
    #expect(ledger.decisions.count == facts.count { $0.outcome != nil })
    #expect(ledger.loss.count == sum(ledger.rows, \.loss))
    #expect(ledger.labour.count == sum(ledger.rows, \.labour))
    #expect(ledger.friction.count == sum(ledger.rows, \.friction))
    #expect(ledger.net.count == sum(ledger.rows, \.net))
    #expect(ledger.net.count == sum(ledger.decisions, \.net))
    #expect(ledger.labour.count == ledger.decisions.count * settings.labour.count)
    #expect(
      ledger.friction.count == facts.count { $0.outcome == .falsePositive } * 3_33)
    for row in ledger.rows {
      #expect(row.alerts == facts.count { $0.finders.contains(row.finder) })
      #expect(row.onlyLoss <= row.loss)
      #expect(row.onlyLoss >= .zero)
    }
  }

  @Test(
    "A loss is stopped once an incident; what another rule caught as well is not only one's own")
  func loss() throws {
    let facts = [
      fact("a", at: 0, user: "ana", rule: "r", cost: Cents(100_01), outcome: .truePositive),
      fact("b", at: 1, user: "ana", rule: "r", cost: Cents(100_01), outcome: .truePositive),
      fact(
        "c", at: 0, user: "ben", finders: ["r", "s"], cost: Cents(50_01), outcome: .truePositive),
      fact("d", at: 0, user: "cleo", rule: "s", cost: Cents(70_00), outcome: .falsePositive),
    ]
    let ledger = Ledger(IncidentBook(facts))
    #expect(ledger.loss == Cents(150_02))
    let r = try #require(ledger.rows.first { $0.finder == "r" })
    let s = try #require(ledger.rows.first { $0.finder == "s" })
    #expect(r.loss == Cents(100_01 + 25_01))
    #expect(s.loss == Cents(25_00))
    #expect(r.onlyLoss == Cents(100_01))
    #expect(s.onlyShare == 0)
    #expect(s.friction == Cents(5_00))
  }

  @Test("A rule is to be retired where it costs more than only it stops, after enough decisions")
  func retire() {
    func noisy(_ count: Int) -> [AlertFact] {
      (0..<count).map {
        fact("n\($0)", at: Int64($0), user: "u\($0)", rule: "noisy", outcome: .falsePositive)
      }
    }
    let good = fact("g", rule: "good", cost: Cents(1_000_00), outcome: .truePositive)
    func retired(_ facts: [AlertFact]) -> [String] {
      Ledger(IncidentBook(facts)).rows.filter(\.isToRetire).map(\.finder)
    }
    #expect(retired([good] + noisy(19)) == [])
    #expect(retired([good] + noisy(20)) == ["noisy"])
    let redeemed = fact("z", at: 99, rule: "noisy", cost: Cents(400_00), outcome: .truePositive)
    #expect(retired([good] + noisy(20) + [redeemed]) == ["noisy"])
    let alone = fact(
      "z", at: 99, user: "zoe", rule: "noisy", cost: Cents(400_00), outcome: .truePositive)
    #expect(retired([good] + noisy(20) + [alone]) == [])
  }

  @Test("Recurrence tells the same entity and pattern from the entity and from the pattern alone")
  func recurrence() {
    let facts = [
      fact("a", at: 0, outcome: .falsePositive), fact("b", at: 1), fact("c", at: 2, mapping: "x"),
      fact("d", at: 3, user: "ben", outcome: .truePositive), fact("e", at: 4, rule: "other"),
      fact("now", at: 5), fact("z", at: 6, outcome: .truePositive),
    ]
    let seen = Recurrence(of: facts[5], among: facts)
    #expect(seen.same.total == 2)
    #expect(seen.same.outcomes == [.falsePositive: 1])
    #expect(seen.same.open == 1)
    #expect(seen.same.newest == afternoon + .minutes(1))
    #expect(seen.sameEntity.total == 2)
    #expect(seen.samePattern.total == 1)
    #expect(seen.samePattern.subjects == [Entity(field: "user", value: "ben")])
    #expect(Recurrence(of: facts[0], among: facts).same.total == 0)
  }
}
