import Ingest
import Primitives

/// Where a source stands after a batch, and what it set aside on the way there.
struct SourceMark: Sendable {
  /// Enough to go on from, as one line; only the source that wrote it reads it.
  var position: String
  /// Records read since the mark before that could not become events.
  var letters: [DeadLetter]
}
