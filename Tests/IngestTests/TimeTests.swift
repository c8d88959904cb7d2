import Foundation
import Ingest
import Primitives
import Testing

@Suite("Times")
struct TimeTests {
  private func parse(_ text: String, _ format: TimeFormat, zone: String? = nil) -> Timestamp? {
    var parser = TimeParser(format, zone: zone)
    var copy = text
    return copy.withUTF8 { parser.parse($0)?.time }
  }

  @Test("Random instants read back from every format as Foundation writes them")
  func oracle() {
    var random = SeededRandom(seed: 8601)
    let iso = DateFormatter()
    iso.locale = Locale(identifier: "en_US_POSIX")
    iso.calendar = Calendar(identifier: .gregorian)
    for zone in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
    {
      iso.timeZone = TimeZone(identifier: zone)
      for _ in 0..<400 {
        let seconds = Int64(random.next() % 3_900_000_000) + 86_400
        let date = Date(timeIntervalSince1970: Double(seconds))
        let expected = Timestamp(seconds: seconds)
        iso.dateFormat = "yyyy-MM-dd'T'HH:mm:ssXXX"
        #expect(parse(iso.string(from: date), .iso8601) == expected)
        #expect(parse("\(seconds)", .epoch(unit: 1_000_000)) == expected)
        #expect(parse("\(seconds)000", .epoch(unit: 1000)) == expected)
        // A clock time stands for the instant whose clock time it is; twice-shown ones may be the earlier.
        iso.dateFormat = "MM/dd/yyyy HH:mm:ss"
        let text = iso.string(from: date)
        let read = parse(text, .monthDayYear, zone: zone)
        let shown = read.map { iso.string(from: Date(timeIntervalSince1970: $0.seconds)) }
        #expect(shown == text)
      }
    }
  }

  @Test(
    "Times are read to the microsecond",
    arguments: [
      ("2018-04-01 00:00:31", "2018-04-01T00:00:31Z"),
      ("2018-04-01T00:00:31Z", "2018-04-01T00:00:31Z"),
      ("2018-04-01t00:00:31z", "2018-04-01T00:00:31Z"),
      ("2018-04-01T00:00:31.25+02:00", "2018-03-31T22:00:31.250Z"),
      ("2018-04-01T00:00:31-0330", "2018-04-01T03:30:31Z"),
      ("2018-04-01T00:00:31+02", "2018-03-31T22:00:31Z"),
      ("2018-04-01T00:00:31.123456789Z", "2018-04-01T00:00:31.123456Z"),
      ("2014-04-10 16:15:00.000000", "2014-04-10T16:15:00Z"),
      ("2018-04-01T00:00", "2018-04-01T00:00:00Z"), ("2018-04-01", "2018-04-01T00:00:00Z"),
      ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
      ("20180401T000031Z", "2018-04-01T00:00:31Z"),
      ("20180401t000031.5+0200", "2018-03-31T22:00:31.500Z"),
      ("2018-04-01T00:00:31,25-12:00", "2018-04-01T12:00:31.250Z"),
      ("2018-04-01 00:00:31 +0200", "2018-03-31T22:00:31Z"),
      ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
      ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
      ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"),
    ])
  func iso(text: String, expected: String) {
    #expect(parse(text, .iso8601)?.description == expected)
  }

  @Test(
    "What is no time is refused",
    arguments: [
      "", "2018", "2018-04-31", "2018-02-29T00:00:00Z", "2018-13-01T00:00:00Z",
      "2018-04-01T24:00:00Z", "2018-04-01T00:60:00Z", "2018-04-01T00:00:61Z",
      "2018-04-01T00:00:00.Z",
      "2018-04-01T00:00:00Zx", "2018-04-01T00:00:00+24:00", "2018-04-01T00:00:00+02:60",
      "20180431T000000Z", "20180401T240000Z", "20180401T0000", "9999-12-31T23:59:60Z",
      "9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00+01:00", "2018-04-01T00:00:31.25x",
      "2018-04-01X00:00:00Z", "2018-04-01T00:00:00 ", "18-04-01T00:00:00Z", "２018-04-01",
    ])
  func refused(text: String) {
    #expect(parse(text, .iso8601) == nil)
  }

  @Test("Numbers of seconds, milliseconds and so on are exact, and told apart by their size")
  func epochs() {
    let second = Timestamp(seconds: 1_712_000_000)
    #expect(parse("1712000000", .any) == second)
    #expect(parse("1712000000000", .any) == second)
    #expect(parse("1712000000000000", .any) == second)
    #expect(parse("1712000000000000000", .any) == second)
    #expect(parse("1712000000.000001", .any)?.microseconds == second.microseconds + 1)
    #expect(parse("1.712e9", .epoch(unit: 1_000_000)) == second)
    #expect(parse("-1.5", .epoch(unit: 1_000_000))?.microseconds == -1_500_000)
    #expect(parse("99999999999999999999", .epoch(unit: 1_000_000)) == nil)
    #expect(parse("999999999999999", .epoch(unit: 1_000_000)) == nil)
    #expect(parse("nan", .epoch(unit: 1)) == nil)
    let base = Timestamp(seconds: 1_377_993_600)
    #expect(parse("86400.5", .secondsSince(base))?.description == "2013-09-02T00:00:00.500Z")
  }

  @Test(
    "A number whose fraction goes beyond the largest instant is refused",
    arguments: [
      (9_223_372_036_854, TimeFormat.epoch(unit: 1_000_000)),
      (9_223_372_036_854_775, .epoch(unit: 1000)),
      (9_223_372_036_854, .secondsSince(Timestamp(seconds: 1_377_993_600))),
      (9_223_372_036_854, .secondsSince(Timestamp(seconds: -1_377_993_600))),
    ])
  func fractionsBeyond(whole: Int, format: TimeFormat) {
    for sign in ["", "-"] { #expect(parse("\(sign)\(whole).9", format) == nil) }
  }

  @Test("Times that clocks skip or show twice are settled")
  func gaps() {
    let berlin = "Europe/Berlin"
    #expect(
      parse("2026-03-29 02:30:00", .iso8601, zone: berlin)?.description == "2026-03-29T01:30:00Z")
    #expect(
      parse("2026-10-25 02:30:00", .iso8601, zone: berlin)?.description == "2026-10-25T00:30:00Z")
    #expect(
      parse("2026-07-01 12:00:00", .iso8601, zone: berlin)?.description == "2026-07-01T10:00:00Z")
  }

  @Test("A syslog year begins with January after December")
  func syslogYears() {
    var parser = TimeParser(.syslog(year: 2017), zone: "UTC")
    func next(_ text: String) -> String? {
      var copy = text
      return copy.withUTF8 { parser.parse($0)?.time.description }
    }
    #expect(next("Dec 31 23:59:59") == "2017-12-31T23:59:59Z")
    #expect(next("Jan  1 00:00:01") == "2018-01-01T00:00:01Z")
    #expect(next("Mar 27 13:06:56") == "2018-03-27T13:06:56Z")
    #expect(next("Feb 29 00:00:00") == nil)
    #expect(next("2019-01-01T00:00:00Z") == "2019-01-01T00:00:00Z")
    #expect(next("Foo 27 13:06:56") == nil)
  }

  @Test(
    "A syslog line is of the year that puts it within half a year of the one before",
    arguments: [
      (["Dec 31 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:59"], [2025, 2026, 2025]),
      (["Jan  5 00:00:00", "Aug 10 00:00:00", "Jan  2 00:00:00"], [2025, 2024, 2025]),
      (["Jan  5 00:00:00", "Jul 10 00:00:00", "Jan  2 00:00:00"], [2025, 2025, 2025]),
      (
        ["Jan  5 00:00:00", "Jul 10 00:00:00", "Aug 10 00:00:00", "Jan  2 00:00:00"],
        [2025, 2025, 2025, 2026]
      ),
    ])
  func nearestYear(lines: [String], years: [Int]) {
    var parser = TimeParser(.syslog(year: 2025), zone: "UTC")
    let read = lines.map { line in
      var copy = line
      return copy.withUTF8 { parser.parse($0)?.time.description.prefix(4) }
    }
    #expect(read == years.map { "\($0)" })
  }
}
