import Cases
import Detection
import Primitives
import Testing

@Suite("What a judge remembers as bytes")
struct JudgeStateTests {
  /// Findings of few users over weeks, some late, some delivered twice.
  private func stream(_ seed: UInt64, _ count: Int) -> [Evidence] {
    var random = SeededRandom(seed: seed)
    var all: [Evidence] = []
    for number in 0..<count {
      if random.below(12) == 0, let last = all.last {
        all.append(last)
        continue
      }
      let minutes = Int64(number * 40 + random.below(300)) - (random.below(10) == 0 ? 900 : 0)
      all.append(
        evidence(
          "e\(number)", at: afternoon + .minutes(minutes),
          user: random.below(9) == 0 ? nil : "u\(random.below(6))",
          found: [rule("r\(random.below(3))", Severity(rawValue: 1 + random.below(5)) ?? .low)],
          features: ["event_count_1h": Double(random.below(24))],
          score: random.below(2) == 0 ? nil : random.uniform()))
    }
    return all
  }

  private func said(_ verdict: Judge.Verdict) -> String {
    switch verdict {
    case .raised(let alert, _): "raised \(alert)"
    case .joined(let joined): "joined \(joined)"
    case .flooded(let alert, let joined): "flooded \(alert) \(joined)"
    case .repeated(let id): "repeated \(id)"
    }
  }

  @Test("Encode, decode and go on gives the same verdicts", arguments: 0..<6 as Range<UInt64>)
  func goesOn(seed: UInt64) throws {
    var settings = Judge.Settings()
    settings.mostRemembered = seed % 2 == 0 ? 8 : 200_000
    let events = stream(seed, 600)
    var whole = judge(settings)
    var first = judge(settings)
    var random = SeededRandom(seed: seed)
    let cut = random.below(events.count)
    for event in events[..<cut] {
      _ = whole.judge(event)
      _ = first.judge(event)
    }
    var writer = StateWriter()
    first.encode(&writer)
    var second = judge(settings)
    var reader = StateReader(writer.bytes[...])
    try second.decode(&reader)
    #expect(reader.left == 0)
    for event in events[cut...] {
      #expect(said(whole.judge(event)) == said(second.judge(event)))
    }
    var again = StateWriter()
    whole.encode(&again)
    var last = StateWriter()
    second.encode(&last)
    #expect(again.bytes == last.bytes)
  }

  @Test("Bytes that are cut off are refused and never read beyond")
  func cut() throws {
    var settings = Judge.Settings()
    settings.floodLimit = nil
    var first = judge(settings)
    for event in stream(1, 100) { _ = first.judge(event) }
    var writer = StateWriter()
    first.encode(&writer)
    for count in 0..<writer.bytes.count {
      var second = judge()
      var reader = StateReader(writer.bytes[..<count])
      #expect(throws: StateDamage.self) { try second.decode(&reader) }
    }
  }
}
