import Detection
import Glibc
import Primitives
import Testing

@testable import Cases

@Suite("Who gave how much of what an alert states")
struct ContributionTests {
  private func random(_ random: inout SeededRandom) -> (Evidence, TrackRecord, Risk?, Severity?) {
    var found: [Finding] = (0..<random.below(4)).map { number in
      rule("r\(number)", Severity(rawValue: 1 + random.below(5)) ?? .low)
    }
    let isScored = found.isEmpty || random.chance(0.7)
    if found.isEmpty || (isScored && random.chance(0.4)) { found.append(modelFinding()) }
    let scores = [0, 1, random.uniform(0, 1), random.uniform(0, 1)]
    var seen = evidence(found: found, score: isScored ? scores[random.below(4)] : nil)
    seen.scoreIsRarity = isScored && random.chance(0.2)
    seen.baseRate = random.chance(0.8) ? random.uniform(0.001, 0.2) : nil
    seen.history = random.chance(0.8) ? random.below(300) : nil
    var decided: [String: TrackRecord.Decisions] = [:]
    for number in 0..<3 where random.chance(0.5) {
      decided["r\(number)"] = .init(right: random.below(20), wrong: random.below(20))
    }
    let risks: [Risk?] = [nil, .low, .medium, .high, .critical]
    let told = random.chance(0.3) ? Severity(rawValue: 1 + random.below(5)) : nil
    return (seen, TrackRecord(decided: decided), risks[random.below(5)], told)
  }

  @Test("The parts of confidence and severity sum to what is stated, whatever was found")
  func sums() {
    var seed = SeededRandom(seed: 41)
    for _ in 0..<5000 {
      let (seen, record, risk, told) = random(&seed)
      if let confidence = Confidence(seen, record) {
        #expect(abs(Contributions.sum(confidence.parts) - confidence.value) < 1e-9)
        #expect((0...1).contains(confidence.value))
      }
      let made = AlertSeverity(seen, risk: risk, row: "row", told: told)
      #expect(Contributions.sum(made.parts) == Double(made.severity.rawValue))
    }
  }

  @Test(
    "Only who did something is named: a rule's severity is its own, and what raises it says by how much"
  )
  func named() throws {
    let seen = evidence(found: [rule("a", .medium), rule("b", .high)], score: 0.3)
    #expect(
      AlertSeverity(seen, risk: .low, row: "row").parts == [.init("b", 4, "says high")])
    #expect(
      AlertSeverity(seen, risk: .critical, row: "row").parts == [
        .init("b", 4, "says high"), .init("mapping row", 1, "says critical by its business risk"),
      ])
    var scored = seen
    scored.baseRate = 0.02
    scored.history = 8
    let parts = try #require(Confidence(scored, TrackRecord())).parts
    #expect(parts.map(\.by) == ["a", "b", "model", "history"])
    #expect(parts.first?.value == 0.5)
  }

  @Test("They are kept with an alert and read back")
  func kept() throws {
    let made = Contributions(
      confidence: [.init("a", 0.5, "x"), .init("history", -0.25, "y")],
      severity: [.init("a", 4, "says high")])
    let frozen = FrozenEvidence(evidence(), contributions: made)
    #expect(try FrozenEvidence(Array(frozen.json.serialized().utf8)) == frozen)
    let alert = Alert(
      id: "1", time: afternoon, eventID: "e", source: "s", entity: nil, kind: .rule, rule: "a",
      score: nil, confidence: 0.25, severity: .high, title: "t", message: "m", incident: "i")
    let json = alert.contributions(frozen)
    #expect(json["score"] == .null)
    #expect(json["confidence"]?["value"]?.number == 0.25)
    #expect(json["severity"]?["steps"]?.integer == 4)
    #expect(alert.contributions(nil)["severity"] == .null)
  }
}
