import Primitives
import Testing

@Suite("Random numbers, hashes, names and messages")
struct SmallPrimitivesTests {
  @Test("A seed gives the same draws on every machine")
  func reproducible() {
    var random = SeededRandom(seed: 42)
    // xoshiro256** with SplitMix64 from seed 42, as the reference implementation prints them.
    #expect(
      (0..<3).map { _ in random.next() } == [
        1_546_998_764_402_558_742, 6_990_951_692_964_543_102, 12_544_586_762_248_559_009,
      ])
  }

  @Test("Draws have the means and bounds that they promise")
  func distributions() {
    var random = SeededRandom(seed: 7)
    let n = 40_000
    func mean(_ draw: (inout SeededRandom) -> Double) -> Double {
      (0..<n).reduce(0) { sum, _ in sum + draw(&random) } / Double(n)
    }
    #expect(abs(mean { $0.uniform() } - 0.5) < 0.01)
    #expect(abs(mean { $0.normal(mean: 3, deviation: 2) } - 3) < 0.05)
    #expect(abs(mean { $0.exponential(mean: 5) } - 5) < 0.15)
    #expect(abs(mean { Double($0.poisson(mean: 2.5)) } - 2.5) < 0.05)
    #expect(abs(mean { Double($0.poisson(mean: 100)) } - 100) < 0.5)
    #expect(abs(mean { $0.chance(0.2) ? 1 : 0 } - 0.2) < 0.02)
    #expect(abs(mean { Double($0.index(weights: [1, 0, 3])) } - 1.5) < 0.03)
    for bound in [1, 2, 3, 1000] {
      #expect((0..<1000).allSatisfy { _ in (0..<bound).contains(random.below(bound)) })
    }
  }

  @Test("A stream for another purpose is another stream")
  func purposes() {
    var a = SeededRandom(seed: 1, purpose: "a")
    var b = SeededRandom(seed: 1, purpose: "b")
    var again = SeededRandom(seed: 1, purpose: "a")
    let first = a.next()
    #expect(first != b.next())
    #expect(first == again.next())
  }

  @Test("A stable hash is the same in every run and moves with every byte")
  func stableHash() {
    let base = StableHash.of("moonwatch".utf8)
    #expect(base == StableHash.of(Array("moonwatch".utf8)))
    #expect(base != StableHash.of("moonwatch".utf8, seed: 1))
    var seen: Set<UInt64> = [base]
    for position in 0..<9 {
      var bytes = Array("moonwatch".utf8)
      bytes[position] ^= 1
      #expect(seen.insert(StableHash.of(bytes)).inserted)
    }
    #expect(StableHash.of(1, 2) != StableHash.of(2, 1))
  }

  @Test("A misspelt name finds the one that was meant, and a strange one none")
  func nearest() {
    let known = ["amount", "merchant", "terminal", "user"]
    #expect(nearestName(to: "amuont", among: known) == "amount")
    #expect(nearestName(to: "terminl", among: known) == "terminal")
    #expect(nearestName(to: "usr", among: known) == "user")
    #expect(nearestName(to: "zzzzzz", among: known) == nil)
    #expect(nearestName(to: "user", among: ["user"]) == nil)
    #expect(nearestName(to: "", among: known) == nil)
  }

  @Test("Problems print where they are, what they are and what to do")
  func messages() {
    #expect(
      Diagnostic(
        code: "unknown-key", file: "a.lua", line: 3, column: 7, message: "unknown key 'wen'",
        suggestion: "did you mean 'when'?"
      ).description == "a.lua:3: unknown key 'wen' (did you mean 'when'?)")
    #expect(
      Diagnostic(.warning, code: "w", file: "a.lua", line: 3, message: "odd").description
        == "a.lua:3: warning: odd")
    #expect(Diagnostic(code: "w", file: "a.lua", message: "odd").description == "a.lua: odd")
    #expect(Failure(.usage, "no file", advice: "name one").description == "no file (name one)")
    #expect(Failure(.internal, "disk full").description == "disk full")
    #expect(Failure.Kind.unmet.rawValue == 1 && Failure.Kind.internal.rawValue == 4)
  }
}
