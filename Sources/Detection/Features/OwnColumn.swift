import Glibc
import Primitives

/// A feature of the event alone: its clock, a field, or whether a field equals a word.
struct OwnColumn: Sendable {
  enum Source: Sendable {
    case calendar(FeatureDefinition.Calendar)
    case number(NumberSource)
    case equals(TextSource, Symbol)
  }

  var column: Int32
  var source: Source

  /// Writes the column's cell of each of the rows.
  func write(_ batch: EventBatch, _ rows: UnsafeBufferPointer<Int32>, _ table: FeatureTable) {
    let column = Int(column)
    @inline(__always)
    func fill(_ value: (Int) -> Double) {
      for row in rows { table.row(Int(row))[column] = value(Int(row)) }
    }
    let times = batch.times
    let zones = batch.zoneOffsets
    switch source {
    case .number(let number): fill { number.value(batch, $0) }
    case .equals(let text, let word):
      fill { text.symbol(batch, $0) == word && !word.isMissing ? 1 : 0 }
    case .calendar(.hourOfDay): fill { Double(localHour(times[$0], zones[$0])) }
    case .calendar(.dayOfWeek): fill { Double(localWeekday(times[$0], zones[$0])) }
    case .calendar(.sinHourly): fill { sin(phase(times[$0], hourLength)) }
    case .calendar(.cosHourly): fill { cos(phase(times[$0], hourLength)) }
    case .calendar(.sinDaily): fill { sin(phase(times[$0], dayLength)) }
    case .calendar(.cosDaily): fill { cos(phase(times[$0], dayLength)) }
    }
  }
}

private let hourLength: Int64 = 3_600_000_000
private let dayLength: Int64 = 86_400_000_000

/// Quotient rounded down and remainder by a constant, inlined: it stands on the way of every event.
@inline(__always)
private func floored(_ x: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
  let remainder = x % divisor
  return remainder < 0
    ? (x / divisor - 1, remainder + divisor) : (x / divisor, remainder)
}

/// Microseconds on the clock of a zone `offset` seconds east of Greenwich; stays in range at the ends of time.
@inline(__always)
private func local(_ time: Int64, _ offset: Int32) -> Int64 {
  let (sum, overflow) = time.addingReportingOverflow(Int64(offset) * 1_000_000)
  return overflow ? time : sum
}

/// Hour 0 ... 23 on the source's clock.
@inline(__always)
func localHour(_ time: Int64, _ offset: Int32) -> Int {
  Int(floored(local(time, offset), by: dayLength).remainder / hourLength)
}

/// 0 for Monday to 6 for Sunday on the source's calendar; 1970-01-01 was a Thursday.
@inline(__always)
func localWeekday(_ time: Int64, _ offset: Int32) -> Int {
  Int(floored(floored(local(time, offset), by: dayLength).quotient + 3, by: 7).remainder)
}

/// Hour 0 ... 167 of the source's week, from Monday's first.
@inline(__always)
func localHourOfWeek(_ time: Int64, _ offset: Int32) -> Int {
  hourOfWeek(localHours(time, offset))
}

/// Whole hours on the source's clock since its 1970 began.
@inline(__always)
func localHours(_ time: Int64, _ offset: Int32) -> Int64 {
  floored(local(time, offset), by: hourLength).quotient
}

@inline(__always)
func hourOfWeek(_ hours: Int64) -> Int { Int(floored(hours + 72, by: 168).remainder) }

/// Microseconds since the source's last midnight.
@inline(__always)
func timeOfDay(_ time: Int64, _ offset: Int32) -> Int64 {
  floored(local(time, offset), by: dayLength).remainder
}

/// The angle of a time within a period, exact before the sine because whole periods are taken off as integers.
@inline(__always)
private func phase(_ time: Int64, _ period: Int64) -> Double {
  2 * .pi * Double(floored(time, by: period).remainder) / Double(period)
}

/// 2 to the power −x.
@inline(__always)
func halved(_ x: Double) -> Double { exp2(-x) }
