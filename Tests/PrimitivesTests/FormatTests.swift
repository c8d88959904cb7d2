import Primitives
import Testing

@Suite("Numbers for people") struct FormatTests {
  @Test("Counts are grouped by thousands")
  func counts() {
    #expect(
      [0, 7, 999, 1000, 12345, -1_234_567].map { Format.count($0) }
        == ["0", "7", "999", "1,000", "12,345", "-1,234,567"])
    #expect(Format.count(Int.min) == "-9,223,372,036,854,775,808")
    #expect(Format.count(UInt64.max) == "18,446,744,073,709,551,615")
  }

  @Test("Times are cut to what matters")
  func times() {
    let time = Timestamp(microseconds: 1_772_373_607_250_000)
    #expect(Format.day(time) == "2026-03-01")
    #expect(Format.minute(time) == "2026-03-01 14:00")
    #expect(Format.second(time) == "2026-03-01 14:00:07")
  }

  @Test("Decimals are rounded, grouped and never minus zero")
  func decimals() {
    #expect(Format.decimal(1234.5) == "1,234.50")
    #expect(Format.decimal(-0.001) == "0.00")
    #expect(Format.decimal(-0.005, 3) == "-0.005")
    #expect(Format.decimal(999_999.999, 1) == "1,000,000.0")
    #expect(Format.decimal(2.5, 0) == "2")
    #expect(Format.decimal(.nan) == "–")
    #expect(Format.decimal(.infinity) == "–")
    #expect(Format.decimal(-.greatestFiniteMagnitude, 17) == "-1.7976931348623157e+308")
    #expect(Format.decimal(9_007_199_254_740_991, 17).count == 39)
  }

  @Test("Zeros at the end of a number are left out where asked for")
  func numbers() {
    #expect(
      [5000, 12.5, 12.345, 0, -0.001, 100].map { Format.number($0, atMost: 2) }
        == ["5,000", "12.5", "12.35", "0", "0", "100"])
    #expect(Format.number(100, atMost: 0) == "100")
    #expect(Format.number(1e300) == "1e+300")
    #expect([.nan, .infinity, -.infinity].map { Format.number($0) } == ["?", "∞", "-∞"])
  }

  @Test("Money has cents only where there are any")
  func money() {
    #expect(
      [5000, 12.5, 0, -5, 0.004, -0.004, 1_234_567.891].map { Format.money($0) }
        == ["$5,000", "$12.50", "$0", "-$5", "$0", "$0", "$1,234,567.89"])
    #expect(Format.money(.nan) == "–")
  }

  @Test("Shares are percentages")
  func percents() {
    #expect(Format.percent(0.9137) == "91.4 %")
    #expect(Format.percent(1, 0) == "100 %")
    #expect(Format.percent(.nan) == "–")
  }

  @Test("Rates have three figures and a power of a thousand")
  func rates() {
    #expect(
      [0, 7, 850, 999.4, 999.5, 12_345, 123_456, 1_234_567, 2e20].map { Format.rate($0) }
        == [
          "0/s", "7/s", "850/s", "999/s", "1.0 k/s", "12.3 k/s", "123 k/s", "1.2 M/s", "200 E/s",
        ])
    #expect(Format.rate(.infinity) == "–")
  }

  @Test("Sizes are powers of 1,024")
  func sizes() {
    #expect(
      [0, 512, 1023, 1024, 1536, 734_003_200, Int.max].map { Format.bytes($0) }
        == ["0 B", "512 B", "1,023 B", "1.0 KiB", "1.5 KiB", "700 MiB", "8.0 EiB"])
    #expect(Format.bytes(-1536) == "-1.5 KiB")
  }

  @Test("Lengths of time show their two largest units")
  func spans() {
    let cases: [(Int64, String)] = [
      (0, "0 µs"), (85, "85 µs"), (250_000, "250 ms"), (999_600, "1.0 s"), (1_500_000, "1.5 s"),
      (9_960_000, "10 s"), (42_000_000, "42 s"), (59_600_000, "1 min"), (200_000_000, "3 min 20 s"),
      (900_000_000, "15 min"), (3_600_000_000, "1 h"), (7_530_000_000, "2 h 6 min"),
      (3_599_700_000, "1 h"), (86_399_000_000, "1 d"), (187_200_000_000, "2 d 4 h"),
      (-200_000_000, "-3 min 20 s"), (86_400_000_000 * 12_345, "12,345 d"),
    ]
    for (microseconds, text) in cases {
      #expect(Format.span(TimeSpan(microseconds: microseconds)) == text)
    }
    #expect(Format.span(TimeSpan(microseconds: .min)) == "-106,751,991 d 4 h")
  }
}
