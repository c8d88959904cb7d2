import Primitives
import Testing

@Suite("Instants and calendar")
struct TimestampTests {
  @Test("Every instant of a civil time comes back, also before the epoch and in other zones")
  func roundTrip() throws {
    var random = SeededRandom(seed: 1)
    for _ in 0..<10_000 {
      let offset = (random.below(53) - 24) * 1800
      let time = Timestamp(
        microseconds: Int64(random.below(310_000_000_000_000_000)) - 60_000_000_000_000_000)
      let civil = CivilTime(time, offsetSeconds: offset)
      #expect(civil.timestamp(offsetSeconds: offset) == time)
      let same = CivilTime(
        year: civil.year, month: civil.month, day: civil.day, hour: civil.hour,
        minute: civil.minute, second: civil.second, microsecond: civil.microsecond)
      #expect(same == civil)
    }
  }

  @Test("Known instants print in RFC 3339, with a fraction only where there is one")
  func prints() {
    #expect(Timestamp(seconds: 0).description == "1970-01-01T00:00:00Z")
    #expect(Timestamp(seconds: 951_782_400).description == "2000-02-29T00:00:00Z")
    #expect(Timestamp(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
    #expect(Timestamp(microseconds: 1_500_000).description == "1970-01-01T00:00:01.500Z")
    #expect(Timestamp(seconds: 4_107_542_399).description == "2100-02-28T23:59:59Z")
  }

  @Test("Days that do not exist are missing")
  func impossible() {
    #expect(CivilTime(year: 2100, month: 2, day: 29) == nil)
    #expect(CivilTime(year: 2000, month: 2, day: 29) != nil)
    #expect(CivilTime(year: 2026, month: 13, day: 1) == nil)
    #expect(CivilTime(year: 2026, month: 4, day: 31) == nil)
    #expect(CivilTime(year: 2026, month: 1, day: 0) == nil)
    #expect(CivilTime(year: 2026, month: 1, day: 1, hour: 24) == nil)
    #expect(CivilTime(year: 2026, month: 1, day: 1, second: 61) == nil)
  }

  @Test("A leap second is the next minute's first")
  func leapSecond() throws {
    let leap = try #require(
      CivilTime(year: 2016, month: 12, day: 31, hour: 23, minute: 59, second: 60))
    #expect(leap.timestamp().description == "2017-01-01T00:00:00Z")
  }

  @Test("Sums and differences stop at the ends of time")
  func saturates() {
    #expect(Timestamp.distantFuture + .days(1) == .distantFuture)
    #expect(Timestamp.distantPast - .days(1) == .distantPast)
    #expect(Timestamp.distantFuture - Timestamp.distantPast == TimeSpan(microseconds: .max))
    #expect(Timestamp.distantPast - Timestamp.distantFuture == TimeSpan(microseconds: .min))
    #expect(TimeSpan(seconds: .nan) == nil)
    #expect(TimeSpan(seconds: .infinity) == nil)
    #expect(TimeSpan(seconds: 1e13) == nil)
    #expect(TimeSpan(seconds: 0.25)?.microseconds == 250_000)
  }

  @Test("Lengths of time read in their largest unit")
  func lengths() {
    let read: [(TimeSpan, String)] = [
      (.hours(24), "1 day"), (.hours(36), "36 hours"), (.minutes(5), "5 minutes"),
      (.seconds(90), "90 seconds"), (.zero, "0 seconds"),
      (TimeSpan(microseconds: 250_000), "250 ms"), (TimeSpan(microseconds: 7), "7 µs"),
    ]
    for (span, words) in read { #expect(span.description == words) }
  }
}
