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

  func value(_ batch: EventBatch, _ row: Int) -> Double {
    switch source {
    case .number(let number): return number.value(batch, row)
    case .equals(let text, let word):
      return text.symbol(batch, row) == word && !word.isMissing ? 1 : 0
    case .calendar(let calendar):
      let time = batch.times[row]
      switch calendar {
      case .hourOfDay: return Double(localHour(time, batch.zoneOffsets[row]))
      case .dayOfWeek: return Double(localWeekday(time, batch.zoneOffsets[row]))
      case .sinHourly: return sin(phase(time, hourLength))
      case .cosHourly: return cos(phase(time, hourLength))
      case .sinDaily: return sin(phase(time, dayLength))
      case .cosDaily: return cos(phase(time, dayLength))
      }
    }
  }
}

private let hourLength: Int64 = 3_600_000_000
private let dayLength: Int64 = 86_400_000_000

/// Microseconds on the clock of a zone `offset` seconds east of Greenwich; stays in range at the ends of time.
@inline(__always)
private func local(_ time: Int64, _ offset: Int32) -> Int64 {
  (Timestamp(microseconds: time) + .seconds(Int64(offset))).microseconds
}

/// Hour 0 ... 23 on the source's clock.
@inline(__always)
func localHour(_ time: Int64, _ offset: Int32) -> Int {
  Int(local(time, offset).flooredDivision(by: dayLength).remainder / hourLength)
}

/// 0 for Monday to 6 for Sunday on the source's calendar; 1970-01-01 was a Thursday.
@inline(__always)
func localWeekday(_ time: Int64, _ offset: Int32) -> Int {
  let day = local(time, offset).flooredDivision(by: dayLength).quotient
  return Int((day + 3).flooredDivision(by: 7).remainder)
}

/// Microseconds since the source's last midnight.
@inline(__always)
func timeOfDay(_ time: Int64, _ offset: Int32) -> Int64 {
  local(time, offset).flooredDivision(by: dayLength).remainder
}

/// The angle of a time within a period, exact before the sine because whole periods are taken off as integers.
@inline(__always)
private func phase(_ time: Int64, _ period: Int64) -> Double {
  2 * .pi * Double(time.flooredDivision(by: period).remainder) / Double(period)
}

/// 2 to the power −x.
@inline(__always)
func halved(_ x: Double) -> Double { exp2(-x) }
