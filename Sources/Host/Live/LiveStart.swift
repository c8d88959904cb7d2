import Detection
import Primitives
import Store

/// From where the service goes on with a source, decided by its checkpoints and by what the database knows.
///
/// | checkpoint | database | goes on |
/// |---|---|---|
/// | usable | knows as much or more | from the checkpoint; up to where the database is, in silence |
/// | usable | knows less: it is another one | as without a checkpoint |
/// | none | knows the source | where the database is, with windows that start anew; says so |
/// | none | knows nothing, or was ended before the first event | from the beginning |
///
/// A pipe gives nothing twice: it goes on with what comes, from the windows of the checkpoint.
struct LiveStart {
  /// What is restored; missing where windows start anew.
  var checkpoint: Checkpoint?
  var read = 0
  var events = 0
  var position = ""
  /// Events before this one were judged before, and their alerts are kept.
  var quietUntil = 0
  var turns: [SourceTurn] = []
  /// Bytes of the dead letters that stay; all where missing.
  var letterBytes: Int64? = 0

  init(
    _ input: RunSettings.Input, folder: CheckpointFolder, store: AlertStore, warn: (String) -> Void
  ) throws(Failure) {
    let source = input.source
    let known = try store.progress(of: source)
    var (found, damage) = try folder.newest()
    for sentence in damage {
      warn("\(sentence) (\(found == nil ? "none is left" : "going on from the one before it"))")
    }
    if let usable = found, usable.checkpoint.events > known?.events ?? 0 {
      warn(
        "the checkpoint \(folder.file(usable.number)) knows more of '\(source)' than the database (it is left aside)"
      )
      found = nil
    }
    if let checkpoint = found?.checkpoint {
      self.checkpoint = checkpoint
      read = checkpoint.read
      events = checkpoint.events
      position = checkpoint.position
      letterBytes = checkpoint.letterBytes
      quietUntil = known?.events ?? 0
      turns = LiveStart.cut(try store.turns(of: source, from: read), from: read)
    } else if let known, known.read > 0 {
      warn("no checkpoint of '\(source)' can be used: its windows start anew where its alerts end")
      letterBytes = nil
      (read, events, position) = (known.read, known.events, known.position)
    }
    guard input.readsStandardInput else { return }
    letterBytes = nil
    turns = []
    if let known { (read, events) = (known.read, known.events) }
    quietUntil = events
  }

  /// The turns from an event on, each beginning where the one before ended.
  private static func cut(_ turns: [SourceTurn], from start: Int) -> [SourceTurn] {
    var next = start
    var cut: [SourceTurn] = []
    for turn in turns where turn.start + turn.events > next {
      cut.append(
        SourceTurn(start: next, file: turn.file, events: turn.start + turn.events - next))
      next = turn.start + turn.events
    }
    return cut
  }
}
