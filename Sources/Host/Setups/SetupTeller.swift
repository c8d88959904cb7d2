import Detection
import Primitives

/// Tells the journal what judges a stream, with the first event that is judged by it and told to people.
struct SetupTeller {
  private let journal: SetupJournal
  private let stream: EventKeeper.Stream
  private let run: Int64
  private let model: SetupModel?
  /// Events before it only fill windows.
  private let judgeFrom: Int64
  private(set) var installation: Installation
  private var isNew = true

  init(
    _ journal: SetupJournal, _ installation: Installation, model: SetupModel?,
    stream: EventKeeper.Stream, run: Int64, judgeFrom: Timestamp
  ) {
    self.journal = journal
    self.installation = installation
    self.model = model
    self.stream = stream
    self.run = run
    self.judgeFrom = judgeFrom.microseconds
  }

  /// Other plugins or lists judge from the next batch on.
  mutating func change(to next: Installation) {
    installation = next
    isNew = true
  }

  /// A batch was judged.
  ///
  /// - Parameters:
  ///   - known: its first rows that had been judged before a restart.
  ///   - streamTime: how far the stream had come with a row, in microseconds.
  mutating func judged(_ count: Int, known: Int, streamTime: (_ row: Int) -> Int64) {
    guard isNew, known < count else { return }
    isNew = false
    journal.note(
      SetupJournal.Entry(
        installation: installation, model: model, stream: stream, run: run,
        first: Timestamp(microseconds: max(judgeFrom, streamTime(max(0, known))))))
  }
}
