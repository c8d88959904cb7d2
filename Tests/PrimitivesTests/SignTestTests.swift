import Primitives
import Testing

@Suite("Sign test")
struct SignTestTests {
  @Test("The exact tail of a binomial of one half, as counting all outcomes gives it")
  func outcomes() {
    for pairs in 0...14 {
      for worse in 0...pairs {
        let outcomes = (0..<(1 << pairs)).count { $0.nonzeroBitCount >= worse }
        let wanted = Double(outcomes) / Double(1 << pairs)
        let got = SignTest.probability(worse: worse, better: pairs - worse)
        #expect(abs(got - wanted) < 1e-12, "\(worse) of \(pairs)")
      }
    }
  }

  @Test("Thousands of pairs stay between 0 and 1")
  func many() {
    #expect(SignTest.probability(worse: 5000, better: 0) > 0)
    #expect(
      SignTest.probability(worse: 5000, better: 0) < 1e-300
        && SignTest.probability(worse: 2501, better: 2499) > 0.4)
    #expect(abs(SignTest.probability(worse: 0, better: 5000) - 1) < 1e-9)
  }
}
