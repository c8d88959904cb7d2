package import Detection
import Primitives

/// Writes events in Moonwatch's own form: one JSON object a line, which every source's reader takes back.
///
/// `time`, `id`, `source` and `kind` come first, then the fields by name. The same event gives the same bytes: numbers in
/// the shortest form that reads back equal, whole ones without a fraction. A time outside UTC carries its offset.
package enum EventWriter {
  /// Appends the event's line with its line feed.
  package static func append(_ event: EventRecord, to bytes: inout [UInt8]) {
    var members: [JSONValue.Member] = [
      .init("time", .text(time(event))), .init("id", .text(event.id)),
      .init("source", .text(event.source)), .init("kind", .text(event.kind)),
    ]
    for (name, value) in event.fields.sorted(by: { $0.key < $1.key }) {
      members.append(.init(name, json(value)))
    }
    JSONValue.object(members).append(to: &bytes)
    bytes.append(0x0A)
  }

  package static func line(_ event: EventRecord) -> String {
    var bytes: [UInt8] = []
    append(event, to: &bytes)
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  private static func time(_ event: EventRecord) -> String {
    let offset = Int(event.zoneOffsetSeconds)
    // An offset with seconds in it, as before 1900, cannot be written; the instant stays the same in UTC.
    if offset == 0 || offset % 60 != 0 { return event.time.description }
    let local = Timestamp(microseconds: event.time.microseconds) + .seconds(Int64(offset))
    let minutes = abs(offset) / 60
    func padded(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return local.description.dropLast() + (offset < 0 ? "-" : "+") + padded(minutes / 60) + ":"
      + padded(minutes % 60)
  }

  private static func json(_ value: Value) -> JSONValue {
    switch value {
    case .missing: .null
    case .text(let text): .text(text)
    case .flag(let flag): .flag(flag)
    case .number(let number): exactly(number)
    }
  }

  /// Whole numbers as such; beyond 2^53 a double's digits are not all its own, so those keep the exponent form.
  private static func exactly(_ number: Double) -> JSONValue {
    if abs(number) < 9_007_199_254_740_992, let whole = Int64(exactly: number),
      !(number == 0 && number.sign == .minus)
    {
      return .integer(whole)
    }
    return .number(number)
  }
}
