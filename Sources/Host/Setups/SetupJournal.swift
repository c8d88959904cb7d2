import Foundation
import Ingest
import Primitives
import Store

/// Writes down which rules, lists and model judge from when on, on a thread of its own: who judges does not wait.
///
/// What fails is told once, and judging goes on.
final class SetupJournal: @unchecked Sendable {
  // Unchecked: what is not constant is used by the queue's one thread at a time only.

  /// That something judges from a time of its stream on.
  struct Entry: Sendable {
    var installation: Installation
    var model: SetupModel?
    var stream: EventKeeper.Stream
    var run: Int64
    var first: Timestamp
  }

  private let store: SetupStore
  private let warn: @Sendable (String) -> Void
  private let packer: ZstdPacker
  private let queue = DispatchQueue(label: "setups")
  private var hasFailed = false
  /// How often a content may leave between being found here and being referred to.
  private static let tries = 3

  init(_ store: SetupStore, warn: @escaping @Sendable (String) -> Void) throws(Failure) {
    self.store = store
    self.warn = warn
    packer = try ZstdPacker()
  }

  /// Takes down an entry, with the machine's time of now.
  func note(_ entry: Entry) {
    let now = WallClock.now()
    queue.async { [self] in
      do throws(Failure) {
        try write(entry, at: now)
      } catch {
        if hasFailed { return }
        hasFailed = true
        warn("which rules, lists and model judge is not written down: \(error.description)")
      }
    }
  }

  /// Waits until all entries are written.
  func finish() { queue.sync {} }

  private func write(_ entry: Entry, at now: Timestamp) throws(Failure) {
    let description = SetupDescription(entry.installation, model: entry.model)
    var contents: [String: SetupStore.Content] = [:]
    for _ in 0..<SetupJournal.tries {
      let missing = try store.record(
        description.setup, contents: contents, source: entry.stream.source,
        input: entry.stream.input, run: entry.run, first: entry.first, at: now)
      if missing.isEmpty { return }
      // What was given before may be missing no more, and is given all the same.
      contents.merge(try description.contents(missing, packer)) { _, new in new }
    }
    throw Failure(.internal, "the data directory keeps losing contents", advice: "run it again")
  }
}
