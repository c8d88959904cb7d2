/// How far a stream has come: the newest time that is believed, so that one wrong clock does not make the rest late.
///
/// An event more than a day ahead of everything before is not believed by itself: it is placed by its time like any
/// other, but lateness, age and retention go on being measured from where the stream was. When such events outnumber the
/// others by 32, the stream has really moved on, and the earliest of them is believed. Among the first 32 events a lone
/// leader is taken back when more events than agree with it lie more than a day before it.
struct StreamClock: Equatable {
  /// Microseconds; `.min` before the first event.
  private(set) var watermark = Int64.min
  private(set) var support: Int64 = 0
  private(set) var ahead: Int64 = 0
  private(set) var aheadFrom = Int64.max
  private(set) var behind: Int64 = 0

  static let reach: Int64 = 86_400_000_000
  static let enough: Int64 = 32
  /// Fewer events behind a leader do not take it back.
  static let fewest: Int64 = 4

  init() {}

  mutating func code(_ coder: inout StateCoder) {
    coder.signed(&watermark)
    coder.whole(&support, in: 0...2 * StreamClock.enough)
    coder.whole(&ahead, in: 0...2 * StreamClock.enough)
    coder.signed(&aheadFrom)
    coder.whole(&behind, in: 0...2 * StreamClock.enough)
  }

  /// Takes in the time of the next event; one that is after the watermark then is not believed.
  @inline(__always)
  mutating func see(_ time: Int64) {
    let (lead, overflow) = time.subtractingReportingOverflow(watermark)
    if !overflow && lead >= 0 && lead <= StreamClock.reach && support == StreamClock.enough
      && ahead == 0
    {
      watermark = time
      return
    }
    settle(time)
  }

  private mutating func settle(_ time: Int64) {
    if support == 0 {
      watermark = time
      support = 1
      return
    }
    let (lead, overflow) = time.subtractingReportingOverflow(watermark)
    if time > watermark && (overflow || lead > StreamClock.reach) {
      ahead += 1
      aheadFrom = min(aheadFrom, time)
      if ahead < StreamClock.enough { return }
      watermark = aheadFrom
      support = StreamClock.enough
      ahead = 0
      aheadFrom = .max
      return
    }
    if time < watermark && (overflow || lead < -StreamClock.reach) {
      if support == StreamClock.enough { return }
      behind += 1
      if behind >= StreamClock.fewest && behind > support {
        watermark = time
        support = behind
        behind = 0
      }
      return
    }
    watermark = max(watermark, time)
    support = min(StreamClock.enough, support + 1)
    ahead = max(0, ahead - 1)
    if ahead == 0 { aheadFrom = .max }
  }
}
