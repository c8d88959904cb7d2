import Detection
import Ingest
import Primitives
import Synthetic

/// A stream of events with attacks planted into it, written as a JSON line an event.
struct PlantedStream {
  private(set) var count = 0
  private(set) var first = Timestamp.distantFuture
  private(set) var last = Timestamp.distantPast

  /// Writes every event to the file, which is the caller's to finish.
  init<Events: Sequence<EventRecord>>(
    _ events: Events, to file: OutputFile, progress: some JobProgress
  ) throws(Failure) {
    var line: [UInt8] = []
    for event in events {
      line.removeAll(keepingCapacity: true)
      EventWriter.append(event, to: &line)
      try file.write(line)
      count += 1
      first = min(first, event.time)
      last = max(last, event.time)
      if count % 4096 == 0 { progress.advance(to: count) }
    }
  }
}
