package import Detection
import Glibc
package import Primitives

/// Reads files that go on growing, are rotated or arrive in a folder, as one stream of events without an end.
///
/// Inputs are files, folders and patterns; what is not there yet is waited for. A record is taken once its line feed is
/// there; the rest of a file that was rotated away or removed is taken when nothing has come for a second. Files
/// are known by device and inode, so a renamed one goes on where it was. A compressed file is read once its size stands
/// still. `place` says after every batch exactly how far that batch went.
///
/// An event without an id of its own gets one from the inode, the byte where its record begins and its content: reading the
/// same file again from any place gives the same ids.
package final class FollowingReader: @unchecked Sendable {
  // Unchecked because one thread at a time owns a reader; it may be made on one and used on another.
  private static let pollMicroseconds: UInt32 = 2000
  private static let scanSeconds = 0.2
  private static let settleSeconds = 1.0
  private static let openLimit = 64
  /// Bytes that were there before are there at once; a compressed file settles first.
  private static let repeatSeconds = 5.0

  package let mapping: SourceMapping
  package let fields: [(name: String, type: FieldType)]
  /// A schema of just these fields; a batch of a larger one may be filled too.
  package let schema: Schema
  package var statistics: Reader.Statistics { intake.statistics }

  private let inputs: [String]
  private let intake: RecordIntake
  private var files: [FileIdentity: FollowedFile] = [:]
  private var order: [FollowedFile] = []
  private var left: [FileIdentity: SourcePlace.File] = [:]
  private var header: [String]?
  private var nextScan = 0.0
  private var turn = 0
  private var notices: [String] = []
  private var pending: Failure?
  private var turns: [Turn] = []
  private var repeats: [Turn] = []
  private var repeatedAt = 0.0
  /// Whether reading in the turns of a run before this one failed: a file is gone or another one.
  package private(set) var isAstray = false

  /// - Parameter place: where a run before this one stopped.
  /// - Throws: `Failure(.usage)` where standard input is among the inputs: it cannot be followed from a place.
  package init(
    inputs: [String], mapping: SourceMapping, interner: Interner,
    options: Reader.Options = Reader.Options(), resuming place: SourcePlace? = nil,
    deadLetters sink: Reader.Sink? = nil
  ) throws(Failure) {
    if inputs.isEmpty {
      throw Failure(.usage, "no input is named", advice: "name files, folders or patterns")
    }
    if inputs.contains("-") {
      throw Failure(
        .usage, "standard input cannot be followed from a place",
        advice: "name files, folders or patterns")
    }
    self.inputs = inputs
    self.mapping = mapping
    let discovered: Discovery.Fields
    if let place {
      discovered = place.discovered
    } else {
      discovered = try FollowingReader.look(
        inputs, mapping: mapping, interner: interner, options: options)
    }
    intake = RecordIntake(
      mapping: mapping, interner: interner, options: options, discovered: discovered, sink: sink)
    fields = intake.fields
    schema = try Schema(fields)
    guard let place else { return }
    header = place.header
    left = Dictionary(place.files.map { ($0.identity, $0) }) { first, _ in first }
    if let year = place.year { intake.resumedClock = (year, place.month) }
  }

  private static func look(
    _ inputs: [String], mapping: SourceMapping, interner: Interner, options: Reader.Options
  ) throws(Failure) -> Discovery.Fields {
    var look = DiscoveryLook(mapping: mapping, records: options.discoveryRecords)
    for sight in sorted(InputPaths.sights(inputs)) where sight.size > 0 {
      let input = try OpenInput(
        sight.path, mapping: mapping, limit: options.recordLimit, interner: interner)
      if try !look.goesOn(after: input) { break }
    }
    return look.fields
  }

  private static func sorted(_ sights: [FileSight]) -> [FileSight] {
    sights.sorted { ($0.modified, $0.path) < ($1.modified, $1.path) }
  }

  /// What the ground truth says about the events read so far; each label comes out once.
  package func drainLabels() -> [Label] { intake.drainLabels() }

  /// What happened to the files that a person should know, in sentences; each comes out once.
  package func drainNotices() -> [String] {
    defer { notices.removeAll() }
    return notices
  }

  /// From which files the events of the last batch came, in order.
  package func drainTurns() -> [Turn] {
    defer { turns.removeAll(keepingCapacity: true) }
    return turns
  }

  /// Reads in these turns first, as a run before this one did from the place where this one resumes. Files that grow at
  /// the same time are otherwise read as their bytes come, and the order of events would be another.
  package func repeatTurns(_ turns: [Turn]) {
    repeats = turns.reversed()
    repeatedAt = monotonicSeconds()
  }

  /// How far the batches handed over so far went.
  package var place: SourcePlace {
    let clock = intake.clock
    return SourcePlace(
      files: order.map { $0.currentPlace(intake: intake) }
        + left.values.sorted { $0.path < $1.path },
      header: header, discovered: intake.discovered, year: clock?.year, month: clock?.month ?? 0)
  }

  /// Empties the batch and fills it; false where no event came within the wait.
  ///
  /// Fails where an input cannot be read any further; the events before that have been handed over by then.
  package func next(into batch: EventBatch, waitMilliseconds wait: Int) throws(Failure) -> Bool {
    if let failure = pending {
      pending = nil
      throw failure
    }
    if intake.begin(batch) {
      for file in order {
        if let input = file.input { intake.decoder?.begin(input) }
      }
    }
    defer { intake.end(batch) }
    do {
      try fill(batch, until: monotonicSeconds() + Double(wait) / 1000)
    } catch {
      if batch.isEmpty { throw error }
      pending = error
    }
    return !batch.isEmpty
  }

  private func fill(_ batch: EventBatch, until deadline: Double) throws(Failure) {
    let gather = Double(intake.options.waitMilliseconds) / 1000
    var firstAt: Double?
    while true {
      let now = monotonicSeconds()
      // A record that is taken in parts keeps its file open until it is whole.
      if now >= nextScan && !intake.isRepeating { try scan(now) }
      if try repeats.isEmpty ? round(batch, now) : repeatTurn(batch, now) { return }
      if !batch.isEmpty && firstAt == nil { firstAt = now }
      if let firstAt, now >= firstAt + gather { return }
      if batch.isEmpty && now >= deadline { return }
      usleep(FollowingReader.pollMicroseconds)
    }
  }

  /// Takes what every file has now, in turn; true where the batch is full.
  private func round(_ batch: EventBatch, _ now: Double) throws(Failure) -> Bool {
    for _ in 0..<order.count {
      // A file that filled the last batch goes on first, so that a backlog is read file by file; but only with what was
      // there when its turn began, so that one which grows as fast as it is read keeps nobody waiting.
      if turn >= order.count { turn = 0 }
      let file = order[turn]
      file.beginTurn()
      let isFull = try take(from: file, batch, now)
      if isFull && !file.isTurnOver { return true }
      file.endTurn()
      turn += 1
      if isFull { return true }
    }
    return false
  }

  private func take(
    from file: FollowedFile, _ batch: EventBatch, _ now: Double, upTo limit: Int = .max
  ) throws(Failure) -> Bool {
    if file.input == nil, try !open(file) { return false }
    guard let input = file.input else { return false }
    let before = input.records.offset
    let count = batch.count
    defer { turns.note(file.identity.name, batch.count - count) }
    let outcome = try intake.take(from: input, into: batch, upTo: limit)
    if input.records.offset != before { file.activeAt = now }
    switch outcome {
    case .full: return true
    case .waiting: return false
    case .ended:
      file.close(intake: intake)
      file.isFinished = true
      return false
    }
  }

  /// Takes what is left of the turns as far as it is there; true where the batch is full.
  private func repeatTurn(_ batch: EventBatch, _ now: Double) throws(Failure) -> Bool {
    while let turn = repeats.last, !batch.isFull {
      guard let file = order.first(where: { $0.identity.name == turn.file }),
        now - repeatedAt < FollowingReader.repeatSeconds
      else {
        goAstray()
        return false
      }
      let count = batch.count
      _ = try take(from: file, batch, now, upTo: count + turn.events)
      let taken = batch.count - count
      if taken == 0 || repeats.isEmpty { break }
      repeatedAt = now
      repeats[repeats.count - 1].events -= taken
      if taken == turn.events { repeats.removeLast() }
    }
    return batch.isFull
  }

  private func goAstray() {
    if repeats.isEmpty { return }
    repeats = []
    isAstray = true
    notices.append("what was read before is not there any more: going on with what is")
  }

  private func open(_ file: FollowedFile) throws(Failure) -> Bool {
    if file.isFinished || file.backlog == 0 || !file.isThere { return false }
    if file.isPacked && !file.hasSettled { return false }
    do {
      let (isOpen, isOther) = try file.open(intake: intake, header: &header)
      if isOther {
        goAstray()
        notices.append("\(file.path) is not the file that was read before: from its start")
      }
      return isOpen
    } catch {
      if intake.options.isStrict { throw error }
      if !file.isReported { notices.append(error.description) }
      file.isReported = true
      return false
    }
  }

  // MARK: what is there

  private func scan(_ now: Double) throws(Failure) {
    nextScan = now + FollowingReader.scanSeconds
    for file in order { file.lose() }
    for sight in FollowingReader.sorted(InputPaths.sights(inputs)) {
      if let known = files[sight.identity] {
        known.see(sight)
        if known.isShorter {
          notices.append("\(known.path) was cut short: it is read from its start")
          known.restart()
        }
      } else {
        let file = FollowedFile(sight, resuming: left.removeValue(forKey: sight.identity))
        file.activeAt = now
        files[sight.identity] = file
        order.append(file)
      }
    }
    try finishLost(now)
    closeIdle()
  }

  /// Takes the rest of files that are no longer there and forgets them.
  private func finishLost(_ now: Double) throws(Failure) {
    for file in order where !file.isThere && now - file.activeAt >= FollowingReader.settleSeconds {
      if let input = file.input, input.holdsRest {
        // The next rounds take what is there, a record without a line feed too, and come to the end.
        if !input.records.source.hasMore { input.records.isGrowing = false }
      } else {
        if file.input == nil && file.backlog > 0 {
          notices.append("\(file.path) is gone with \(file.backlog) bytes that were not read")
        }
        files[file.identity] = nil
      }
    }
    order.removeAll { files[$0.identity] == nil }
  }

  private func closeIdle() {
    let open = order.filter { $0.input != nil }
    if open.count <= FollowingReader.openLimit { return }
    let idle = open.filter { $0.isThere && $0.backlog == 0 }.sorted { $0.activeAt < $1.activeAt }
    for file in idle.prefix(open.count - FollowingReader.openLimit) { file.close(intake: intake) }
  }
}

extension FollowingReader {
  /// Consecutive events that came from one file.
  package struct Turn: Hashable, Sendable {
    /// Names the file whatever it is called now.
    package var file: String
    package var events: Int

    package init(file: String, events: Int) {
      self.file = file
      self.events = events
    }
  }
}

extension [FollowingReader.Turn] {
  fileprivate mutating func note(_ file: String, _ events: Int) {
    if events == 0 { return }
    if let last, last.file == file {
      self[count - 1].events += events
    } else {
      append(FollowingReader.Turn(file: file, events: events))
    }
  }
}
