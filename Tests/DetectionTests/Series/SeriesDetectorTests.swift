import Primitives
import Testing

@testable import Detection

@Suite("The detector of metric series")
struct SeriesDetectorTests {
  /// Two weeks of five minutes with days: 4,032 values.
  private func days(_ seed: UInt64, count: Int = 4_032) -> [Double] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { place in
      let isDay = (place / 12) % 24 >= 8 && (place / 12) % 24 < 20
      return (isDay ? 80 : 20) + random.normal(mean: 0, deviation: 3)
    }
  }

  private func verdicts(_ values: [Double], step: Int64 = 300) -> [SeriesDetector.Verdict?] {
    var detector = SeriesDetector()
    return values.enumerated().map {
      detector.observe($1, at: 1_396_310_400 + Int64($0) * step)
    }
  }

  private func alarms(_ values: [Double], from: Int = 604) -> [Int] {
    verdicts(values).enumerated().filter { $0 >= from && ($1?.score ?? 0) >= 0.5 }.map(\.offset)
  }

  @Test(
    "Two weeks of days and nights raise next to nothing", arguments: 1...5 as ClosedRange<UInt64>)
  func calm(seed: UInt64) {
    #expect(alarms(days(seed)).count <= 3)
  }

  @Test("A spike is found at once, and the rest of the burst is not told again")
  func spike() throws {
    var values = days(11)
    for place in 3_000..<3_010 { values[place] = 300 }
    let verdicts = verdicts(values)
    let verdict = try #require(verdicts[3_000])
    #expect(verdict.score > 0.6)
    let cause = try #require(verdict.cause)
    #expect(cause.isHigh && cause.asFar == 0)
    #expect(verdicts[3_004...3_009].allSatisfy { ($0?.score ?? 0) < 0.5 })
  }

  @Test("A night without its day is found by the hour")
  func missingDay() throws {
    var values = days(12)
    let clock = values.indices.filter { ($0 / 288) == 10 && ($0 / 12) % 24 >= 8 }
    for place in clock { values[place] = 20 }
    let first = try #require(clock.first)
    let found = alarms(values).filter { clock.contains($0) }
    let alarm = try #require(found.first)
    #expect(alarm - first <= 12)
    let cause = try #require(verdicts(values)[alarm]?.cause)
    #expect(cause.aspect == .season && !cause.isHigh)
    let expected = try #require(cause.expected)
    #expect(abs(expected - 80) < 10)
  }

  @Test("A new level, a new unrest, a flat line and a slow drift are found")
  func shapes() {
    var random = SeededRandom(seed: 5)
    let calm = (0..<4_032).map { _ in 50 + random.normal(mean: 0, deviation: 2) }
    func changed(_ change: (Int, Double) -> Double) -> [Int] {
      var values = calm
      for place in 3_000..<3_300 { values[place] = change(place - 3_000, values[place]) }
      return alarms(values).filter { (3_000..<3_300).contains($0) }
    }
    #expect(changed { _, value in value }.count <= 1)
    #expect(!changed { _, value in value + 12 }.isEmpty)
    #expect(!changed { _, value in 50 + (value - 50) * 5 }.isEmpty)
    #expect(!changed { _, _ in 50 }.isEmpty)
    #expect(!changed { step, value in value + Double(step) / 15 }.isEmpty)
  }

  @Test("What comes every day stops being news")
  func habit() {
    var values = days(13, count: 8_064)
    for place in stride(from: 1_000, to: values.count, by: 288) { values[place] = 200 }
    let found = alarms(values).filter { ($0 - 1_000) % 288 == 0 }
    #expect(found.contains(1_000))
    #expect(found.filter { $0 > 4_500 }.isEmpty)
  }

  @Test("Nothing after a value changes its verdict", arguments: 1...20 as ClosedRange<UInt64>)
  func lookAhead(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var values = (0..<1_500).map { _ in random.normal(mean: 0, deviation: 1) }
    let border = 200 + random.below(1_000)
    let before = verdicts(values).prefix(border).map { $0?.score }
    for place in border..<values.count {
      values[place] = 1_000 * random.normal(mean: 0, deviation: 1)
    }
    #expect(verdicts(values).prefix(border).map { $0?.score } == before)
  }

  @Test("Scale and offset of the unit change nothing that matters")
  func units() {
    let values = days(14)
    let plain = verdicts(values).map { $0?.score ?? -1 }
    let scaled = verdicts(values.map { $0 * 1_024 }).map { $0?.score ?? -1 }
    #expect(zip(plain, scaled).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test("The first hundred values score 0, and a missing one has no verdict")
  func warmUp() {
    var random = SeededRandom(seed: 7)
    let values = (0..<100).map { _ in random.normal(mean: 0, deviation: 1e6) }
    #expect(verdicts(values).allSatisfy { $0?.score == 0 })
    var detector = SeriesDetector()
    #expect(detector.observe(.nan, at: 0) == nil)
    let young = verdicts((0..<400).map { Double($0 % 7) }).map { $0?.isOnProbation }
    #expect(young == Array(repeating: true, count: 300) + Array(repeating: false, count: 100))
  }

  @Test("A constant series is never unusual until it moves", arguments: [0, 0.1, -1e100])
  func constant(level: Double) {
    var values = [Double](repeating: level, count: 3_000)
    #expect(verdicts(values).allSatisfy { $0?.score == 0 })
    values[2_500] = level / 2 + 1
    #expect((verdicts(values)[2_500]?.score ?? 0) >= 0.5)
  }

  @Test("Whatever the numbers, scores lie from 0 to below 1")
  func hostile() {
    var random = SeededRandom(seed: 99)
    let odd = [
      Double.infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      .leastNonzeroMagnitude, -0.0, 1e-300, .nan,
    ]
    var detector = SeriesDetector()
    for _ in 0..<5_000 {
      let value = random.chance(0.3) ? odd[random.below(odd.count)] : Double(random.below(9))
      let time = random.chance(0.01) ? Int64.max : Int64(random.below(1 << 40)) - (1 << 39)
      guard let verdict = detector.observe(value, at: time) else {
        #expect(value.isNaN)
        continue
      }
      #expect(verdict.score >= 0 && verdict.score < 1)
    }
  }
}
