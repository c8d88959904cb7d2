import Primitives

/// One file that is followed: opened when there is something to read, and where to go on when it is not.
final class FollowedFile {
  /// How many of a file's first bytes tell it from another one that got its inode.
  static let hashedLimit = 1024

  let identity: FileIdentity
  private(set) var path: String
  private(set) var input: OpenInput?
  /// Whether the path still leads here.
  private(set) var isThere = true
  /// Bytes on disk when last seen.
  private(set) var size: Int64
  /// When it was last written to then, in nanoseconds since the epoch.
  private var modified: Int64
  /// Compressed files do not grow: they are read once their size stands still.
  let isPacked: Bool
  private(set) var hasSettled = false
  /// A compressed file that was read to its end.
  var isFinished = false
  /// When bytes came last, in seconds of the follower's clock.
  var activeAt = 0.0
  /// A failure to open it was told.
  var isReported = false
  private var place: SourcePlace.File
  /// How many bytes it had when its turn began; missing while it is not its turn.
  private var turnEnd: Int64?

  init(_ sight: FileSight, resuming place: SourcePlace.File?) {
    identity = sight.identity
    path = sight.path
    size = sight.size
    modified = sight.modified
    isPacked = sight.path.hasSuffix(".gz") || sight.path.hasSuffix(".zst")
    self.place =
      place
      ?? SourcePlace.File(
        path: sight.path, device: identity.device, inode: identity.inode, offset: 0, line: 1,
        copies: 0, hash: 0, hashedBytes: 0)
  }

  func see(_ sight: FileSight) {
    hasSettled = sight.size == size
    // Written to since, or another one that got its inode: opening tells.
    if sight.size != size || sight.modified != modified { isFinished = false }
    path = sight.path
    size = sight.size
    modified = sight.modified
    isThere = true
  }

  func beginTurn() { turnEnd = turnEnd ?? size }

  func endTurn() { turnEnd = nil }

  /// Whether all that was there when its turn began is read.
  var isTurnOver: Bool {
    guard !isPacked, let turnEnd, let input else { return false }
    return input.records.offset >= turnEnd
  }

  func lose() { isThere = false }

  /// Bytes that wait to be read.
  var backlog: Int64 {
    if isPacked { return isFinished ? 0 : size }
    return max(0, size - (input?.records.source.taken ?? place.offset))
  }

  var isShorter: Bool {
    !isPacked && size < (input?.records.source.taken ?? place.offset)
  }

  /// Begins at its start again.
  func restart() {
    input = nil
    place.offset = 0
    place.line = 1
    place.copies = 0
    place.hashedBytes = 0
  }

  /// Opens it where it was left; false where its first record is not whole yet or another file stands there now.
  ///
  /// - Parameter header: the columns of the file before; replaced by its own.
  /// - Returns: also whether it proved to be another file than the one that was left.
  func open(
    intake: RecordIntake, header: inout [String]?
  ) throws(Failure) -> (isOpen: Bool, isOther: Bool) {
    let input = try OpenInput(
      path, mapping: intake.mapping, limit: intake.options.recordLimit, interner: intake.interner,
      isGrowing: !isPacked)
    guard input.records.source.identity == identity, isPacked || input.records.holdsLine else {
      return (false, false)
    }
    var isOther = false
    if place.hashedBytes > 0,
      input.records.source.hash(first: place.hashedBytes) != place.hash
    {
      isOther = true
      restart()
    }
    if input.isCSV {
      header = try CSVHeader.read(input, mapping: intake.mapping, previous: header)
      input.header = header
    }
    input.salt = StableHash.of(identity.inode)
    input.copiesToSkip = place.copies
    if place.offset > 0 {
      if try !input.records.skip(to: place.offset, line: place.line) {
        restart()
        return (false, true)
      }
    }
    intake.decoder?.begin(input)
    self.input = input
    return (true, isOther)
  }

  /// Lets go of the descriptor and the buffers.
  func close(intake: RecordIntake) {
    place = currentPlace(intake: intake)
    input = nil
  }

  func currentPlace(intake: RecordIntake) -> SourcePlace.File {
    guard let input else {
      place.path = path
      return place
    }
    place.path = path
    (place.offset, place.line, place.copies) = intake.place(of: input)
    let onDisk = isPacked ? input.records.source.taken : place.offset
    let hashed = Int(min(onDisk, Int64(FollowedFile.hashedLimit)))
    if hashed > place.hashedBytes,
      let hash = input.records.source.hash(first: hashed)
    {
      place.hash = hash
      place.hashedBytes = hashed
    }
    return place
  }
}
