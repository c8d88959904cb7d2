import Detection
import Primitives

/// A digest over everything that an event says, in order.
func digest(_ events: some Sequence<EventRecord>) -> UInt64 {
  events.reduce(0) { StableHash.of(line($1).utf8, seed: $0) }
}

/// An event as one line, fields by name.
func line(_ event: EventRecord) -> String {
  let fields = event.fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  return "\(event.time) \(event.id) \(event.source) \(event.kind) \(event.primaryField ?? "-") "
    + "\(event.zoneOffsetSeconds) " + fields.joined(separator: " ")
}
