import Cases
import Detection
import Primitives
import Testing

/// How features move with the quantities that they are made of.
struct QuantityTests {
  private static let hour = TimeSpan.hours(1)
  private static let day = TimeSpan.hours(24)

  /// A payment of 900 after ten of 10 to 100, the last of them 100 and 600 seconds ago.
  private let event = EventRecord(
    time: afternoon, id: "e", source: "s", kind: "transaction",
    fields: ["card": .text("c"), "amount": .number(900), "merchant": .text("m")],
    primaryField: "card")

  private func facts(_ named: [(FeatureDefinition, Double)]) -> [FrozenJudgement.Fact] {
    let known = Dictionary(named, uniquingKeysWith: { a, _ in a })
    return named.enumerated().map { index, pair in
      FrozenJudgement.Fact(
        name: "f\(index)", value: pair.1,
        move: pair.0.move(on: event, value: pair.1) { known[$0] }, words: pair.0.words)
    }
  }

  private func world(_ quantities: Quantities, _ lever: Lever, _ to: Double) -> World {
    guard let place = quantities.levers.firstIndex(where: { $0.lever == lever }) else {
      Issue.record("no such lever")
      return []
    }
    return [Setting(lever: place, from: quantities.levers[place].value, to: to)]
  }

  private func window(_ span: TimeSpan, _ filter: String...) -> FeatureMove.Window {
    FeatureMove.Window(FeatureMove.Stream(Set(["card"] + filter)), seconds: span.seconds)
  }

  @Test("Everything that is made of the amount moves with it, and nothing else does")
  func amount() {
    let quantities = Quantities(
      event: event,
      facts: facts([
        (.field("amount"), 900),
        (.aggregate(.mean, .primary, of: nil, within: Self.day), 55),
        (.aggregate(.std, .primary, of: nil, within: Self.day), 30),
        (.zScore(.primary, of: nil, within: Self.day), (900 - 55) / 30.0),
        (.ratioToMean(.primary, of: nil, within: Self.day), 900 / 55.0),
        (.percentChange(.primary, of: "amount", within: Self.day), (900 - 10) / 10.0 * 100),
        (.difference(.primary, of: nil, order: 1), 800),
        (.difference(.primary, of: nil, order: 2), 790),
        (.ratioToLast(.primary, of: nil), 9),
        (.dailySum(.primary, of: nil), 1450),
        (
          .ratio(.field("amount"), .aggregate(.mean, .primary, of: nil, within: Self.day)),
          900 / 55.0
        ),
        (.minus(.aggregate(.mean, .primary, of: nil, within: Self.day), .field("amount")), -845),
        (
          .count(.primary, within: Self.hour, where: [Predicate("amount", .atLeast(500))]),
          1
        ),
        (.count(.primary, within: Self.hour), 4),
        (.calendar(.hourOfDay), 14),
      ]))
    let changed = world(quantities, .number(field: "amount"), 200)
    let values = (0..<15).map { quantities.value($0, in: changed) }
    let expected: [Double] = [
      200, 55, 30, (200 - 55) / 30.0, 200 / 55.0, 1900, 100, 90, 2, 750, 200 / 55.0, -145, 0, 4, 14,
    ]
    for (place, pair) in zip(values, expected).enumerated() {
      #expect(abs(pair.0 - pair.1) < 1e-9, "\(place)")
    }
    #expect(quantities.number("amount", in: changed) == 200)
    #expect(quantities.value(3, in: []) == (900 - 55) / 30.0)
  }

  @Test("Fewer events are as many fewer in windows that hold them, and no more inside")
  func events() {
    let failures = [Predicate("outcome", .equals(.text("failure")))]
    let quantities = Quantities(
      event: event,
      facts: facts([
        (.count(.primary, within: Self.hour), 8),
        (.count(.primary, within: Self.day), 20),
        (.rate(.primary, within: Self.day), 20 / 24.0),
        (.count(.primary, within: .minutes(5)), 6),
        (.count(.primary, within: Self.hour, where: failures), 3),
        (.distinct(.primary, of: "merchant", within: Self.hour), 7),
        (.count(.field("terminal"), within: Self.hour), 50),
        (.sinceLast(.primary), 40),
        (.aggregate(.mean, .primary, of: nil, within: Self.hour), 30),
        (.aggregate(.std, .primary, of: nil, within: Self.hour), 5),
        (.zScore(.primary, of: nil, within: Self.hour), 174),
        (.aggregate(.sum, .primary, of: "amount", within: Self.hour), 210),
        (.aggregate(.max, .primary, of: "amount", within: Self.day), 90),
      ]))
    let lever = Lever.events(window(Self.hour))
    func values(_ n: Double) -> [Double] {
      let changed = world(quantities, lever, n)
      return (0..<13).map { quantities.value($0, in: changed) }
    }
    let four = values(4)
    #expect(Array(four[0..<8]) == [4, 16, 16 / 24.0, 4, 3, 4, 50, 40])
    #expect(four[8] == 30 && four[9] == 5 && four[10] == 174 && four[11] == 210 && four[12] == 90)
    let two = values(2)
    #expect(two[8] == 30 && two[9].isNaN && two[10].isNaN, "one earlier value has no spread")
    let one = values(1)
    #expect(Array(one[0..<8]) == [1, 13, 13 / 24.0, 1, 0, 1, 50, 3601])
    #expect(one[8].isNaN && one[9].isNaN && one[10].isNaN && one[11].isNaN && one[12] == 90)
  }

  @Test("A longer pause empties shorter windows; a shorter one is one event more")
  func pause() {
    let quantities = Quantities(
      event: event,
      facts: facts([
        (.sinceLast(.primary), 40), (.count(.primary, within: Self.hour), 8),
        (.count(.primary, within: Self.day), 20),
        (.aggregate(.max, .primary, of: "amount", within: Self.hour), 90),
        (.count(.field("terminal"), within: Self.hour), 50),
      ]))
    let lever = Lever.pause(FeatureMove.Stream(["card"]))
    func values(_ seconds: Double) -> [Double] {
      let changed = world(quantities, lever, seconds)
      return (0..<5).map { quantities.value($0, in: changed) }
    }
    #expect(values(3600) == [3600, 8, 20, 90, 50])
    let longer = values(3601)
    #expect(Array(longer[0..<3]) == [3601, 1, 13] && longer[3].isNaN && longer[4] == 50)
    #expect(values(10) == [10, 9, 21, 90, 50])
  }

  @Test("Clocks, habits, labels and long windows are nobody's to change")
  func fixed() {
    let quantities = Quantities(
      event: event,
      facts: facts([
        (.calendar(.hourOfDay), 3), (.hourRarity(.primary), 0.9), (.history(.primary), 30),
        (.labelRate(.primary, within: Self.day, knownAfter: .zero), 0.5),
        (.equals("kind", "transaction"), 1), (.ewma(.primary, of: nil, halfLife: Self.day), 4),
        (.aggregate(.mean, .primary, of: nil, within: Self.day), 4),
        (.count(.primary, within: .days(30)), 33), (.count(.primary, within: Self.day), .nan),
      ]))
    #expect(quantities.levers.isEmpty)
  }

  @Test("A number that was 0 moves what is a share of something, where that something is known")
  func zero() {
    var event = event
    event.fields["amount"] = .number(0)
    let named: [(FeatureDefinition, Double)] = [
      (.aggregate(.mean, .primary, of: nil, within: Self.day), 55),
      (.aggregate(.first, .primary, of: "amount", within: Self.day), 10),
      (.difference(.primary, of: nil, order: 1), -100),
      (.ratioToMean(.primary, of: nil, within: Self.day), 0),
      (.ratioToLast(.primary, of: nil), 0),
      (.percentChange(.primary, of: "amount", within: Self.day), -100),
    ]
    func quantities(_ known: [FeatureDefinition: Double]) -> Quantities {
      Quantities(
        event: event,
        facts: named.enumerated().map { index, pair in
          FrozenJudgement.Fact(
            name: "f\(index)", value: pair.1,
            move: pair.0.move(on: event, value: pair.1) { known[$0] }, words: pair.0.words)
        })
    }
    let told = quantities(Dictionary(named, uniquingKeysWith: { a, _ in a }))
    #expect(told.levers.allSatisfy { !$0.isHidden })
    let changed = world(told, .number(field: "amount"), 20)
    #expect(abs(told.value(3, in: changed) - 20 / 55.0) < 1e-12)
    #expect(told.value(4, in: changed) == 0.2)
    #expect(told.value(5, in: changed) == 100)
    // Where it is not known, nobody says what the share would have been.
    let untold = quantities([:])
    #expect(untold.levers.contains { $0.isHidden })
  }

  @Test("A number on which something hangs in a way that was not kept is not changed")
  func hidden() {
    let quantities = Quantities(
      event: event,
      facts: facts([(.field("amount"), 900), (.seasonal(.primary, of: nil, within: Self.day), 7)]))
    #expect(quantities.levers.map(\.isHidden) == [true])
  }

  @Test("What an alert was decided by comes back from JSON as it was, and old evidence without it")
  func roundTrip() throws {
    let filter = [Predicate("amount", .any([.between(1, 2), .not(.multipleOf(100))]))]
    let kept = FrozenJudgement(
      event: event,
      rules: [
        FrozenJudgement.Ruling(
          id: "a.b", digest: "ff", fired: true,
          facts: facts([
            (.field("amount"), 900), (.count(.primary, within: Self.hour, where: filter), 3),
            (.rate(.pair("card", "terminal"), within: Self.day), 0.25),
            (.distinct(.primary, of: "merchant", within: Self.hour), 2),
            (.sinceLast(.primary), 40), (.isNew(.primary, of: "merchant"), 1),
            (.aggregate(.sum, .primary, of: "amount", within: Self.hour), .nan),
            (.aggregate(.mean, .primary, of: nil, within: Self.day), 55),
            (.aggregate(.std, .primary, of: nil, within: Self.day), 30),
            (.zScore(.primary, of: nil, within: Self.day), 28.1),
            (.ratio(.field("amount"), .dailySum(.primary, of: nil)), 0.5),
            (.calendar(.dayOfWeek), 3),
            (.seasonal(.primary, of: nil, within: Self.day), 7),
          ]))
      ],
      model: FrozenJudgement.Scoring(
        path: "m.json", digest: "d", found: false, facts: facts([(.field("amount"), 900)])))
    var evidence = FrozenEvidence(evidence(), judgement: kept)
    let bytes = Array(evidence.json.serialized().utf8)
    let read = try FrozenEvidence(bytes)
    #expect(read.json == evidence.json)
    #expect(read == evidence)
    evidence.judgement = nil
    #expect(try FrozenEvidence(Array(evidence.json.serialized().utf8)) == evidence)
  }

  @Test("A text too long to be kept is left out by name")
  func cut() {
    var event = event
    event.fields["command_line"] = .text(String(repeating: "x", count: 5000))
    let kept = FrozenJudgement(event: event, rules: [], model: nil)
    #expect(kept.cut == ["command_line"] && kept.event.fields["command_line"] == nil)
  }
}
