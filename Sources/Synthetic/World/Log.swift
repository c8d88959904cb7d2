import Primitives

/// What has happened so far in a world that is being made up: moments in any order, and everybody's names.
struct Log {
  let start: Timestamp
  let end: Timestamp
  private(set) var moments: [Moment] = []
  private(set) var names = [""]

  init(start: Timestamp, end: Timestamp) {
    self.start = start
    self.end = end
  }

  var count: Int { moments.count }

  /// Gives a text its place; the same text twice gets two places.
  mutating func name(_ text: String) -> UInt32 {
    names.append(text)
    return UInt32(names.count - 1)
  }

  /// Notes a moment; one outside the world's time is forgotten.
  mutating func add(
    _ shape: Moment.Shape, at time: Timestamp, zone: Int32, actor: UInt32, with: UInt32 = 0,
    via: UInt32 = 0, about: UInt32 = 0, measure: Double = 0
  ) {
    guard time >= start && time < end else { return }
    moments.append(
      Moment(
        time: time.microseconds, serial: UInt32(moments.count), zone: zone, shape: shape,
        actor: actor, with: with, via: via, about: about, measure: measure))
  }

  /// The local days of a zone that touch the world's time.
  func days(zone: Int32) -> [LocalDay] {
    let span = TimeSpan.seconds(Int64(zone))
    let first = (start + span).microseconds.flooredDivision(by: LocalDay.length).quotient
    let last = (end + span).microseconds.flooredDivision(by: LocalDay.length).quotient
    return (first...last).map {
      LocalDay(number: Int($0 - first), daysSinceEpoch: $0, zone: zone)
    }
  }

  /// The moments by time, then by order of invention.
  consuming func finished() -> (moments: [Moment], names: [String]) {
    moments.sort { ($0.time, $0.serial) < ($1.time, $1.serial) }
    return (moments, names)
  }
}

/// One calendar day as the clocks of one place show it; zones keep their offset all year here.
struct LocalDay {
  static let length: Int64 = 86_400_000_000

  /// Days since the world's first.
  let number: Int
  /// Days since 1970-01-01.
  let daysSinceEpoch: Int64
  /// Seconds east of Greenwich.
  let zone: Int32

  /// Monday is 0.
  var weekday: Int { Int((daysSinceEpoch + 3).flooredDivision(by: 7).remainder) }
  var isWeekend: Bool { weekday >= 5 }
  /// 1 to 31.
  var dayOfMonth: Int { CivilTime(time(12), offsetSeconds: Int(zone)).day }

  /// The instant at which the clock shows this hour, to the second; 25.5 is half past one of the next day.
  func time(_ hour: Double) -> Timestamp {
    let seconds = Int64((hour * 3600).rounded()) - Int64(zone)
    return Timestamp(microseconds: daysSinceEpoch * LocalDay.length + seconds * 1_000_000)
  }
}
