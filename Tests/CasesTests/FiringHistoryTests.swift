import Primitives
import Testing

@testable import Cases

@Suite("How often rules fire") struct FiringHistoryTests {
  private func history(_ hours: [Int64], until end: Int64) -> FiringHistory {
    FiringHistory(
      hours.map { afternoon + .hours($0) }, over: afternoon...(afternoon + .hours(end)))
  }

  @Test("A rule that stops is silent once chance and its own longest pause no longer explain it")
  func silence() {
    let hourly = Array(0..<48).map(Int64.init)
    #expect(!history(hourly, until: 47).isSilent)
    #expect(!history(hourly, until: 72).isSilent)
    #expect(history(hourly, until: 73).isSilent)
    // The same number of alerts after a pause of 30 hours may pause so again.
    let pausing = hourly.map { $0 < 24 ? $0 : $0 + 30 }
    #expect(!history(pausing, until: 77 + 62).isSilent)
    #expect(history(pausing, until: 77 + 63).isSilent)
    #expect(history(pausing, until: 77 + 63).silence == .hours(63))
    #expect(history(pausing, until: 77).longestPause == .hours(31))
  }

  @Test("A rule that never fired, or hardly ever, is not called silent")
  func rare() {
    #expect(!history([], until: 1000).isSilent)
    #expect(history([], until: 1000).last == nil)
    #expect(!history([0, 1, 2, 3], until: 10_000).isSilent)
    #expect(!history([5, 5, 5, 5, 5, 5], until: 10_000).isSilent)
  }

  @Test("The range of a day leaves the rarest days out, and needs two whole days")
  func range() {
    #expect(history([1, 2, 30], until: 47).perDay == nil)
    #expect(history([1, 2, 30], until: 48).perDay == 1...2)
    let daily = (0..<40).map { Int64($0 * 24 + 1) } + Array(repeating: 5, count: 30)
    #expect(history(daily.sorted(), until: 960).perDay == 1...1)
    #expect(history([], until: 960).perDay == 0...0)
  }
}
