/// The time by which waits for something that does not come are measured: that of the stream, as far as it is believed.
///
/// One event with a wrong clock ends no wait; see `StreamClock`. Where a leader is taken back, time goes back with it.
package struct WaitClock: Sendable {
  private var stream = StreamClock()

  package init() {}

  package enum Step: Hashable, Sendable {
    /// Time as it is after the event.
    case at(Int64)
    /// Time was taken back to this.
    case back(Int64)
  }

  /// How far the stream has come; the distant past before its first event.
  package var time: Int64 { stream.watermark }

  package mutating func code(_ coder: inout StateCoder) { stream.code(&coder) }

  /// Takes the time of the next event in order of arrival.
  package mutating func take(_ time: Int64) -> Step {
    let before = stream.watermark
    stream.see(time)
    return stream.watermark < before ? .back(stream.watermark) : .at(stream.watermark)
  }
}
