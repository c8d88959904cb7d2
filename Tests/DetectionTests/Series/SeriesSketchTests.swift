import Primitives
import Testing

@testable import Detection

@Suite("What a series is judged by")
struct SeriesSketchTests {
  @Test(
    "The tail sketch holds the largest values of any stream", arguments: [1, 63, 64, 65, 5_000])
  func largest(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    var sketch = TailSketch()
    var values: [Double] = []
    for _ in 0..<count {
      // Ties are common.
      let value = Double(random.below(500))
      sketch.add(value)
      values.append(value)
    }
    #expect(sketch.count == count)
    values.sort()
    for probe in stride(from: -1.0, through: 501, by: 1) {
      let above = values.count { $0 >= probe }
      #expect(sketch.reached(by: probe) == min(above, TailSketch.capacity))
    }
  }

  @Test("A surprise is the logarithm of how rare an exponential excess is")
  func surprise() {
    var sums = [0.0, 0.0]
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      var sketch = TailSketch()
      for _ in 0..<20_000 { sketch.add(random.exponential(mean: 2)) }
      // P(X > x) = exp(-x / 2)
      for (place, decades) in [3.5, 4].enumerated() {
        sums[place] += sketch.surprise(of: 2 * decades * 2.302585, grain: 0) / 20
      }
      #expect(sketch.surprise(of: 2, grain: 0) == 0)
    }
    #expect(abs(sums[0] - 3.5) < 0.5)
    #expect(abs(sums[1] - 4) < 0.6)
  }

  @Test("A surprise grows with the value, stays below twelve decades and is finite")
  func bounds() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<200 {
      var sketch = TailSketch()
      let scale = [1e-300, 1e-9, 1, 1e100][random.below(4)]
      for _ in 0..<random.below(300) { sketch.add(scale * Double(random.below(20))) }
      var last = 0.0
      for step in 0..<60 {
        let surprise = sketch.surprise(of: scale * Double(step), grain: 1e-9 * scale)
        #expect(surprise >= 0 && surprise <= 12)
        #expect(surprise >= last - 1e-9)
        last = surprise
      }
      let most = sketch.surprise(of: 1e150, grain: 1e-9 * scale)
      #expect(most.isFinite && most <= 12)
    }
  }

  @Test("A value that differs by rounding alone surprises nobody")
  func grain() {
    var sketch = TailSketch()
    for _ in 0..<500 { sketch.add(0.1) }
    #expect(sketch.surprise(of: 0.1 + 1e-17, grain: 1e-10) == 0)
    #expect(sketch.surprise(of: 0.1000000001, grain: 1e-9) == 0)
    #expect(sketch.surprise(of: 0.2, grain: 1e-9) == 12)
  }

  @Test("A rank is right to a hundredth whatever came before", arguments: [10, 511, 512, 3_000])
  func ranks(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    var sketch = RankSketch()
    var values: [Double] = []
    var worst = 0.0
    for place in 0..<count {
      let value = random.chance(0.3) ? 7 : random.normal(mean: 0, deviation: 5)
      let rank = sketch.rank(adding: value)
      let below = values.count { $0 < value }
      let equal = values.count { $0 == value }
      let exact = (Double(below) + Double(equal) / 2 + 0.5) / Double(values.count + 1)
      // An evenly spaced sample of a stream in random order strays by three deviations of it.
      worst = max(worst, abs(rank - exact) / (place < 512 ? 1e-12 : 0.1))
      values.append(value)
    }
    #expect(worst <= 1)
  }

  @Test("Windows show what a naive count shows")
  func windows() {
    var random = SeededRandom(seed: 8)
    var recent = RecentValues()
    var values: [Double] = []
    for _ in 0..<400 {
      values.append(1e9 + random.normal(mean: 0, deviation: 1e-3))
      recent.add(values[values.count - 1])
      for span in RecentValues.spans {
        let last = values.suffix(span)
        let before = values.dropLast(last.count).suffix(span)
        // About 1e9, so that the sums lose nothing.
        let mean = last.reduce(0) { $0 + ($1 - 1e9) } / Double(last.count)
        let earlier =
          before.isEmpty ? mean : before.reduce(0) { $0 + ($1 - 1e9) } / Double(before.count)
        let squares = last.reduce(0) { $0 + ($1 - 1e9 - mean) * ($1 - 1e9 - mean) }
        let shape = recent.shape(span)
        #expect(abs(shape.mean - 1e9 - mean) < 1e-6)
        #expect(abs(shape.change - (mean - earlier)) < 1e-6)
        let deviation = (squares / Double(last.count)).squareRoot()
        #expect(abs(shape.deviation - deviation) < 1e-6 * (1 + deviation))
      }
    }
  }

  @Test("The hour of the week is known after two weeks, the quarter of an hour of the day before")
  func season() {
    var profile = SeasonProfile()
    // 1970-01-05 was a Monday. Weekends are at 10, other days at 100.
    let monday: Int64 = 4 * 86_400
    func usual(_ hour: Int) -> Double { (hour / 24) % 7 >= 5 ? 10 : 100 }
    var hours: [Double?] = []
    for hour in 0..<(24 * 28) {
      hours.append(
        profile.expected(at: monday + Int64(hour) * 3_600, adding: usual(hour)))
    }
    #expect(hours[..<24].allSatisfy { $0 == nil })
    #expect(hours[24] == 100)
    // The first Saturday is held against the days before it, the fourth against Saturdays.
    #expect(hours[24 * 5] == 100)
    #expect(hours[24 * 26] == 10)
    #expect(hours[24 * 21] == 100)
  }

  @Test("A slot of time forgets: a new habit outweighs the old one after three visits")
  func forgetting() throws {
    var profile = SeasonProfile()
    var expected: Double?
    for day in 0..<40 {
      expected = profile.expected(at: Int64(day) * 86_400 * 7, adding: day < 36 ? 0 : 1)
    }
    // Visits of day 36, 37 and 38 are over: 1 − 0.7³.
    let last = try #require(expected)
    #expect(abs(last - 0.657) < 1e-9)
  }

  @Test("A slot visited by one value a week is a visit each time")
  func weekly() {
    var profile = SeasonProfile()
    #expect(profile.expected(at: 0, adding: 5) == nil)
    #expect(profile.expected(at: 7 * 86_400, adding: 9) == 5)
    #expect(profile.expected(at: 14 * 86_400, adding: 9) == 7)
  }

  @Test("A run of equal values is as rare as its repeats, unless such runs are common")
  func still() {
    var run = RunOfEquals()
    var random = SeededRandom(seed: 2)
    for _ in 0..<1_000 { run.add(random.uniform()) }
    #expect(run.surprise == 0)
    // One repeat is had by chance; three in a thousand values are rarer than one in a million.
    for _ in 0..<2 { run.add(0.5) }
    #expect(run.length == 1 && run.surprise == 0)
    for _ in 0..<2 { run.add(0.5) }
    #expect(run.length == 3 && abs(run.surprise - 3 * 2.4) < 0.01)
    for _ in 0..<7 { run.add(0.5) }
    #expect(run.surprise == 12 && run.length == 10)
    for _ in 0..<50 {
      for _ in 0..<20 { run.add(0.5) }
      for _ in 0..<20 { run.add(random.uniform()) }
    }
    for _ in 0..<20 { run.add(0.5) }
    #expect(run.surprise == 0)
  }

  @Test("Times before 1970 have a place in the week too")
  func negative() {
    var profile = SeasonProfile()
    #expect(profile.expected(at: -1, adding: 5) == nil)
    #expect(profile.expected(at: Int64.min, adding: 5) == nil)
    #expect(profile.expected(at: Int64.max, adding: 5) == nil)
    #expect(profile.expected(at: -1 - 86_400, adding: 6) == 5)
  }
}
