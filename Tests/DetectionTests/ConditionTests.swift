import Detection
import Primitives
import Testing

@Suite("Compiled conditions")
struct ConditionTests {
  private static let lists: ListBook = ["vip": ["u1", "failure"], "empty": []]

  private func randomTest(_ random: inout SeededRandom, depth: Int = 0) -> Detection.Test {
    let words = ["login", "failure", "u1", "denied", "", "x*"]
    let number = [-1.0, 0, 1, 2, 3][random.below(5)]
    switch random.below(depth < 2 ? 14 : 11) {
    case 0: return .equals(.text(words[random.below(words.count)]))
    case 1: return .equals(.number(number))
    case 2: return .equals(.flag(random.chance(0.5)))
    case 3: return .atLeast(number)
    case 4: return random.chance(0.7) ? .atMost(number) : .multipleOf(max(1, abs(number)))
    case 5: return random.chance(0.5) ? .above(number) : .below(number)
    case 6: return .between(0, number)
    case 7:
      let pattern = ["*", "F*", "*e*", "U?", "", "??????"][random.below(6)]
      return random.chance(0.5) ? .matches(pattern.lowercased()) : .matchesAnyCase(pattern)
    case 8: return .inList(random.chance(0.8) ? "vip" : "empty")
    case 9: return .missing
    case 10: return .present
    case 11: return .not(randomTest(&random, depth: depth + 1))
    case 12: return .equals(.missing)
    default:
      return .any((0..<random.below(4)).map { _ in randomTest(&random, depth: depth + 1) })
    }
  }

  @Test("A compiled condition holds exactly where its tests accept the values")
  func meansWhatTestsMean() throws {
    let schema = try RandomStreams.schema
    let interner = Interner()
    var cases = 0
    var held = 0
    for seed in 0..<60 as Range<UInt64> {
      var streams = RandomStreams(seed: seed)
      let events = streams.events(50, lateBy: .zero, pace: .seconds(1), values: .few)
      let batch = EventBatch(schema: schema)
      for event in events { batch.append(event, interner: interner) }
      let table = FeatureTable(columns: 2)
      for row in 0..<batch.count {
        table.row(row)[1] = streams.random.chance(0.3) ? .nan : Double(streams.random.below(3))
      }
      for _ in 0..<20 {
        let names = ["user", "outcome", "amount", "value", "foreign", "kind", "source", "logins"]
        let predicates = (0..<(1 + streams.random.below(2))).map { _ in
          Predicate(names[streams.random.below(names.count)], randomTest(&streams.random))
        }
        let condition = try CompiledCondition(
          predicates, schema: schema, interner: interner, features: ["logins": 1],
          lists: ConditionTests.lists)
        for (row, event) in events.enumerated() {
          func value(_ name: String) -> Value {
            switch name {
            case "kind": .text(event.kind)
            case "source": .text(event.source)
            case "logins": table[row, 1].isNaN ? .missing : .number(table[row, 1])
            default: event.fields[name] ?? .missing
            }
          }
          let failing = predicates.firstIndex {
            !$0.test.accepts(value($0.name)) { ConditionTests.lists[$0]?.contains($1) == true }
          }
          cases += 1
          held += failing == nil ? 1 : 0
          #expect(condition.holds(batch, row, table) == (failing == nil), "\(predicates)")
          #expect(condition.firstFailing(batch, row, table) == failing, "\(predicates)")
        }
      }
    }
    #expect(cases > 10_000)
    #expect(held > 1_000 && held < cases - 1_000)
  }

  @Test("Names and lists that do not exist are refused with the nearest that does")
  func refusals() throws {
    func refusal(_ predicate: Predicate) -> String? {
      do {
        _ = try CompiledCondition(
          [predicate], schema: try RandomStreams.schema, interner: Interner(),
          features: ["event_count_1h": 0], lists: ConditionTests.lists)
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      refusal(Predicate("event_count_2h", .atLeast(1)))
        == "a condition names 'event_count_2h', which is no field and no feature "
        + "(did you mean 'event_count_1h'?)")
    #expect(
      refusal(Predicate("zzzzzz", .present))
        == "a condition names 'zzzzzz', which is no field and no feature")
    #expect(
      refusal(Predicate("user", .not(.any([.inList("vipp")]))))
        == "a condition names the list 'vipp', which does not exist (did you mean 'vip'?)")
    #expect(
      refusal(Predicate("amount", .inList("vipp")))
        == "a condition names the list 'vipp', which does not exist (did you mean 'vip'?)")
    #expect(refusal(Predicate("kind", .present)) == nil)
  }

  @Test(
    "A pattern in any case takes a letter of ASCII for its other case, and nothing else",
    arguments: [
      ("*Delete Shadows*", "VSSADMIN delete shadows /all", true), ("*.exe", "CMD.EXE", true),
      ("[a]", "{A}", false), ("@", "`", false), ("É", "é", false), ("*É?x", "aÉbX", true),
    ])
  func anyCase(pattern: String, text: String, matches: Bool) {
    #expect(Detection.Test.matchesAnyCase(pattern).accepts(.text(text)) == matches)
    #expect(!Detection.Test.matches(pattern).accepts(.text(text)))
  }

  @Test("What a predicate saw can be told")
  func values() throws {
    let schema = try RandomStreams.schema
    let interner = Interner()
    let batch = EventBatch(schema: schema)
    batch.append(
      EventRecord(
        time: Timestamp(seconds: 0), id: "", source: "s", kind: "login",
        fields: ["user": .text("ana"), "amount": .number(3)]), interner: interner)
    let condition = try CompiledCondition(
      ["user", "amount", "value", "kind", "outcome"].map { Predicate($0, .present) },
      schema: schema, interner: interner)
    let seen = (0..<5).map { condition.value(of: $0, batch, 0, interner: interner) }
    #expect(seen == [.text("ana"), .number(3), .missing, .text("login"), .missing])
    #expect(condition.firstFailing(batch, 0) == 2)
  }

  @Test("A remembered pattern stays right when many texts share its memory")
  func manyTexts() throws {
    let schema = try RandomStreams.schema
    let interner = Interner()
    let condition = try CompiledCondition(
      [Predicate("user", .matches("*7"))], schema: schema, interner: interner)
    let batch = EventBatch(schema: schema, capacity: 5_000)
    for number in 0..<5_000 {
      batch.append(
        EventRecord(
          time: Timestamp(seconds: 0), id: "", source: "s", kind: "k",
          fields: ["user": .text("u\(number)")]), interner: interner)
    }
    for _ in 0..<2 {
      for row in 0..<5_000 { #expect(condition.holds(batch, row) == (row % 10 == 7)) }
    }
  }
}
