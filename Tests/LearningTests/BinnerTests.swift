import Learning
import Primitives
import Testing

@Suite("Bins")
struct BinnerTests {
  private func column(_ values: [Float], bins: Int = 256) throws -> (Binner, [UInt8]) {
    let table = try NumericTable(names: ["x"], rows: values.count, values: values)
    let matrix = TrainingMatrix(table, bins: bins)
    return (matrix.binner, matrix.bins)
  }

  @Test("A value's bin is the number of cuts at or below it, plus one; missing is bin 0")
  func oracle() throws {
    var random = SeededRandom(seed: 11)
    for round in 0..<40 {
      let values = (0..<(1 + random.below(3000))).map { _ -> Float in
        if random.chance(0.1) { return .nan }
        if random.chance(0.02) { return random.chance(0.5) ? .infinity : -.infinity }
        if random.chance(0.02) { return random.chance(0.5) ? 0 : -0.0 }
        let x = random.normal() * (random.chance(0.1) ? 1e30 : 1)
        return round % 3 == 0 ? Float((x * 4).rounded()) : Float(x)
      }
      let bins = 3 + random.below(254)
      let (binner, found) = try column(values, bins: bins)
      let cuts = binner.cuts(of: 0)
      #expect(cuts.allSatisfy { $0.isFinite })
      #expect(zip(cuts, cuts.dropFirst()).allSatisfy { $0 < $1 })
      #expect(binner.binCount(0) <= bins)
      for (value, bin) in zip(values, found) {
        let expected = value.isNaN ? 0 : 1 + cuts.count { value >= $0 }
        #expect(Int(bin) == expected)
      }
    }
  }

  @Test("Few distinct values get a bin each")
  func distinct() throws {
    let (binner, bins) = try column([3, 1, 2, .nan, 1, 3, 7])
    #expect(Array(binner.cuts(of: 0)) == [1.5, 2.5, 5])
    #expect(bins == [3, 1, 2, 0, 1, 3, 4])
  }

  @Test("Many distinct values get bins of about equal weight")
  func quantiles() throws {
    var random = SeededRandom(seed: 12)
    let values = (0..<50_000).map { _ in Float(random.exponential(mean: 3)) }
    let (binner, bins) = try column(values)
    #expect(binner.binCount(0) == 256)
    var counts = [Int](repeating: 0, count: 256)
    for bin in bins { counts[Int(bin)] += 1 }
    #expect(counts[0] == 0)
    #expect(counts[1...].allSatisfy { (150...250).contains($0) })
  }

  @Test("A value that most rows have does not cost the others their bins")
  func spike() throws {
    var random = SeededRandom(seed: 13)
    let values = (0..<20_000).map { _ in random.chance(0.9) ? 0 : Float(random.uniform()) }
    let (binner, _) = try column(values)
    #expect(binner.binCount(0) > 200)
  }

  @Test("Columns all missing, constant, or infinite have no cut that is not finite")
  func odd() throws {
    let cases: [(values: [Float], cuts: [Float])] = [
      ([.nan, .nan], []), ([5, 5, 5], []), ([.infinity, .infinity], []), ([-.infinity, 5], [5]),
      ([5, .infinity], [.greatestFiniteMagnitude]),
      ([-.infinity, .infinity], [.greatestFiniteMagnitude]),
      ([Float(1).nextUp, 1], [Float(1).nextUp]), ([], []),
    ]
    for (values, cuts) in cases {
      let (binner, bins) = try column(values)
      #expect(Array(binner.cuts(of: 0)) == cuts)
      #expect(bins.count == values.count)
    }
  }

  @Test("The bins do not depend on the number of threads")
  func threads() throws {
    let (table, _) = try Fixture.table(rows: 20_000, columns: 7, seed: 14)
    let one = TrainingMatrix(table, workers: Workers(threads: 1))
    let three = TrainingMatrix(table, workers: Workers(threads: 3))
    #expect(one.bins == three.bins)
    #expect(one.binner == three.binner)
  }
}
