import Detection
import Ingest
import Primitives
import Store
import Synchronization

/// The events of one source of the service: files that are followed from wherever the last run stopped, or a pipe.
final class LiveSource: Sendable {
  let schema: Schema
  let interner: Interner
  /// Where reading begins, as `SourceMark` tells it; empty for a pipe.
  let start: String
  private let reading: Reading
  private let letters: Letters

  private enum Reading: Sendable {
    case files(FollowingReader, follow: Bool)
    case pipe(Reader)
  }

  /// Dead letters on their way to the next mark. Filled and emptied by the reading thread.
  private final class Letters: Sendable {
    private let list = Mutex<[DeadLetter]>([])
    func add(_ letter: DeadLetter) { list.withLock { $0.append(letter) } }
    func take() -> [DeadLetter] {
      list.withLock { list in
        defer { list = [] }
        return list
      }
    }
  }

  /// How long a reader may look for events before it says that there are none.
  private static let patienceMilliseconds = 250

  /// - Parameters:
  ///   - position: where a run before stopped; empty for the beginning.
  ///   - turns: in which order that run read on from there, for windows that depend on it.
  init(
    _ input: RunSettings.Input, mapping: SourceMapping, settings: Settings, position: String,
    turns: [SourceTurn]
  ) throws(Failure) {
    let interner = Interner()
    let letters = Letters()
    self.interner = interner
    self.letters = letters
    let sink: Reader.Sink = { letters.add($0) }
    if input.readsStandardInput {
      let reader = try Reader(
        inputs: input.paths, mapping: mapping, interner: interner, deadLetters: sink)
      reading = .pipe(reader)
      schema = reader.schema
      start = ""
      return
    }
    let reader = try FollowingReader(
      inputs: input.paths.map(settings.resolve), mapping: mapping, interner: interner,
      resuming: try LiveSource.place(position, of: input.source), deadLetters: sink)
    if !turns.isEmpty {
      reader.repeatTurns(turns.map { FollowingReader.Turn(file: $0.file, events: $0.events) })
    }
    reading = .files(reader, follow: input.follow)
    schema = reader.schema
    start = reader.place.json.serialized()
  }

  private static func place(
    _ position: String, of source: String
  ) throws(Failure) -> SourcePlace? {
    if position.isEmpty { return nil }
    do {
      if let place = SourcePlace(json: try JSONValue.parse(position)) { return place }
    } catch {
      // Told below: whatever is wrong with it, it is no place.
    }
    throw Failure(
      .internal, "the position of the source '\(source)' cannot be read",
      advice: "choose another --data-dir to begin anew")
  }

  /// - Parameters:
  ///   - renew: as in `BatchFeed`.
  ///   - warn: what happened to the files, in sentences; called on the reading thread.
  func feed(
    renew: @escaping @Sendable () -> BoundGeneration?, warn: @escaping @Sendable (String) -> Void
  ) -> BatchFeed {
    let letters = letters
    switch reading {
    case .pipe(let reader):
      return BatchFeed(schema: schema, renew: renew) { (batch) throws(Failure) in
        guard try reader.next(into: batch) else { return .ended }
        return .filled(
          labels: reader.drainLabels(),
          mark: SourceMark(
            position: "", turns: [SourceMark.Turn(file: "-", events: batch.count)],
            letters: letters.take()))
      }
    case .files(let reader, let follow):
      return BatchFeed(schema: schema, renew: renew) { (batch) throws(Failure) in
        let found = try reader.next(
          into: batch, waitMilliseconds: LiveSource.patienceMilliseconds)
        for notice in reader.drainNotices() { warn(notice) }
        guard found else { return follow ? .quiet : .ended }
        return .filled(
          labels: reader.drainLabels(),
          mark: SourceMark(
            position: reader.place.json.serialized(),
            turns: reader.drainTurns().map { SourceMark.Turn(file: $0.file, events: $0.events) },
            letters: letters.take(), isAstray: reader.isAstray))
      }
    }
  }
}
