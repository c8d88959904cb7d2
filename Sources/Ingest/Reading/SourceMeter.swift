package import Detection
package import Primitives

/// Measures how the times of each source come: how far they have got, how much out of order, how long it was silent.
///
/// All of it is in event time, so that a replay measures what the first reading measured. Events may name their source
/// themselves, so only the first 1,024 are measured one by one and all others together as `(others)`, which no mapping can
/// be called. One thread observes; `readings` may be asked for when it has ended.
package final class SourceMeter: @unchecked Sendable {
  // Unchecked because of the hand-off rule above.
  package struct Reading: Sendable {
    package var source: String
    package var events = 0
    package var first: Timestamp
    /// The newest time so far.
    package var watermark: Timestamp
    /// Events older than the newest before them.
    package var outOfOrder = 0
    /// How much older: 99 % of the source's events are at most this much behind, to 1 part in 8.
    package var latenessP99: TimeSpan
    package var latenessMax: TimeSpan
    /// The longest time between two events that were each the newest, and when it began.
    package var silence: TimeSpan
    package var silenceFrom: Timestamp

    package var json: JSONValue {
      [
        "events": .integer(Int64(events)), "first": .text(first.description),
        "watermark": .text(watermark.description), "out_of_order": .integer(Int64(outOfOrder)),
        "lateness_s": ["p99": .number(latenessP99.seconds), "max": .number(latenessMax.seconds)],
        "silence_s": .number(silence.seconds), "silence_from": .text(silenceFrom.description),
      ]
    }
  }

  private struct State {
    var source: Symbol
    var events = 0
    var first: Int64
    var newest: Int64
    var late = 0
    var mostLate: Int64 = 0
    var silence: Int64 = 0
    var silenceFrom: Int64
    /// Late events by how much, eight steps an octave; empty before the first.
    var histogram: [UInt64] = []
  }

  private static let most = 1024

  private let interner: Interner
  private let others: Symbol
  private var states: [State] = []
  private var places: [Symbol: Int] = [:]
  private var last = 0

  package init(interner: Interner) {
    self.interner = interner
    others = interner.intern("(others)")
  }

  package func observe(_ batch: EventBatch) {
    for row in 0..<batch.count {
      let time = batch.times[row]
      let place = place(of: batch.sources[row], time)
      states[place].events += 1
      let gap = time &- states[place].newest
      if gap > states[place].silence {
        states[place].silence = gap
        states[place].silenceFrom = states[place].newest
      }
      if gap >= 0 {
        states[place].newest = time
      } else {
        states[place].late += 1
        states[place].mostLate = max(states[place].mostLate, 0 &- gap)
        if states[place].histogram.isEmpty {
          states[place].histogram = [UInt64](repeating: 0, count: 8 * 64)
        }
        states[place].histogram[SourceMeter.step(UInt64(bitPattern: 0 &- gap))] += 1
      }
    }
  }

  private func place(of source: Symbol, _ time: Int64) -> Int {
    if last < states.count && states[last].source.rawValue == source.rawValue { return last }
    let name = places[source] == nil && states.count >= SourceMeter.most ? others : source
    if let known = places[name] {
      last = known
    } else {
      last = states.count
      places[name] = last
      states.append(State(source: name, first: time, newest: time, silenceFrom: time))
    }
    return last
  }

  /// The number of the step that holds a lateness of this many microseconds.
  private static func step(_ lateness: UInt64) -> Int {
    if lateness < 8 { return Int(lateness) }
    let octave = 63 - lateness.leadingZeroBitCount
    return (octave - 2) * 8 + Int((lateness >> UInt64(octave - 3)) & 7)
  }

  /// The largest lateness of a step.
  private static func largest(_ step: Int) -> Int64 {
    if step < 8 { return Int64(step) }
    let octave = step / 8 + 2
    let next = (UInt64(8 + step % 8) + 1) << UInt64(octave - 3)
    return Int64(clamping: next - 1)
  }

  /// By source id.
  package var readings: [Reading] {
    states.map { state in
      var left = state.events / 100
      var bound: Int64 = 0
      for step in state.histogram.indices.reversed() where state.histogram[step] > 0 {
        if state.histogram[step] > UInt64(left) {
          bound = min(state.mostLate, SourceMeter.largest(step))
          break
        }
        left -= Int(state.histogram[step])
      }
      return Reading(
        source: interner.text(of: state.source), events: state.events,
        first: Timestamp(microseconds: state.first),
        watermark: Timestamp(microseconds: state.newest), outOfOrder: state.late,
        latenessP99: TimeSpan(microseconds: bound),
        latenessMax: TimeSpan(microseconds: state.mostLate),
        silence: TimeSpan(microseconds: state.silence),
        silenceFrom: Timestamp(microseconds: state.silenceFrom))
    }.sorted { $0.source < $1.source }
  }
}
