import Ingest
import Primitives

/// Where a source stands after a batch, and what happened on the way there.
struct SourceMark: Sendable {
  /// Enough to go on from, as one line of JSON; only the source that wrote it reads it.
  var position: String
  /// From which files the batch's events came, in order, with their numbers.
  var turns: [Turn]
  /// Records read since the mark before that could not become events.
  var letters: [DeadLetter]
  /// The events are not those that a run before this one read from here: a file is gone.
  var isAstray = false

  struct Turn: Hashable, Sendable {
    /// Names the file whatever it is called now.
    var file: String
    var events: Int
  }
}
