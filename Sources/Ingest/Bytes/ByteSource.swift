import Glibc
import Primitives

/// The bytes of one input, decompressed where its first bytes say gzip or zstd.
///
/// Memory is bounded by the buffers here and zstd's window (at most 128 MiB, `--long=27`), however far the data
/// expand. One thread reads.
final class ByteSource {
  private enum Packing {
    case unknown, plain
    case packed(any Decompressor)
  }

  private static let blockBytes = 1 << 17

  /// The path as given; `-` is standard input.
  let path: String
  private let descriptor: Int32
  private var packing = Packing.unknown
  private let block: UnsafeMutablePointer<UInt8>
  private var blockStart = 0
  private var blockEnd = 0
  private var inputEnded = false
  /// A regular file never makes a reader wait.
  let isRegular: Bool
  /// Bytes taken from the input so far, before decompression.
  private(set) var taken: Int64 = 0
  /// Missing for pipes.
  let identity: FileIdentity?

  /// - Parameter isGrowing: the input may be shorter than the marks of compression yet, and is plain.
  init(path: String, isGrowing: Bool = false) throws(Failure) {
    self.path = path
    if isGrowing { packing = .plain }
    var status = stat()
    if path == "-" {
      descriptor = 0
    } else {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      if descriptor < 0 { throw ByteSource.refusal(path, errno) }
    }
    let known = fstat(descriptor, &status) == 0
    let type = status.st_mode & S_IFMT
    if known && type == S_IFDIR {
      if path != "-" { close(descriptor) }
      throw ByteSource.directory(path)
    }
    isRegular = known && type == S_IFREG
    identity = isRegular ? FileIdentity(status) : nil
    block = .allocate(capacity: ByteSource.blockBytes)
  }

  deinit {
    block.deallocate()
    if path != "-" { close(descriptor) }
  }

  /// How messages name an input.
  static func shown(_ path: String) -> String { path == "-" ? "standard input" : "'\(path)'" }

  static func refusal(_ path: String, _ code: Int32) -> Failure {
    switch code {
    case ENOENT:
      Failure(.input, "cannot read '\(path)': no such file", advice: "check the path")
    case EACCES:
      Failure(
        .input, "cannot read '\(path)': permission denied", advice: "check its owner and mode")
    default:
      Failure(.input, "cannot read \(shown(path)): \(systemError(code))")
    }
  }

  /// Fills some of the space; 0 at the end.
  func read(into space: UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int {
    if case .unknown = packing { try recognise() }
    switch packing {
    case .unknown, .plain:
      if blockStart < blockEnd {
        let count = min(space.count, blockEnd - blockStart)
        space.baseAddress?.update(from: block + blockStart, count: count)
        blockStart += count
        return count
      }
      return try receive(into: space)
    case .packed(let decoder):
      while true {
        if blockStart == blockEnd && !inputEnded { try refill() }
        let step = try decoder.step(
          input: UnsafeBufferPointer(start: block + blockStart, count: blockEnd - blockStart),
          inputEnded: inputEnded, output: space, path: path)
        blockStart += step.consumed
        if step.produced > 0 || step.ended { return step.produced }
      }
    }
  }

  /// Goes to a byte of a plain file; false where the input is none or ends before it.
  func seek(to place: Int64) -> Bool {
    var status = stat()
    guard case .plain = packing, isRegular, fstat(descriptor, &status) == 0,
      Int64(status.st_size) >= place, lseek(descriptor, off_t(place), SEEK_SET) == off_t(place)
    else { return false }
    blockStart = 0
    blockEnd = 0
    inputEnded = false
    taken = place
    return true
  }

  /// Whether a file holds bytes that were not taken yet; false for pipes.
  var hasMore: Bool {
    var status = stat()
    return isRegular && fstat(descriptor, &status) == 0 && Int64(status.st_size) > taken
  }

  /// Bytes on disk, without opening a pipe, which whoever writes to it would notice; missing for pipes.
  static func size(of path: String) throws(Failure) -> Int64? {
    var status = stat()
    if stat(path, &status) != 0 || access(path, R_OK) != 0 { throw refusal(path, errno) }
    if status.st_mode & S_IFMT == S_IFDIR { throw directory(path) }
    return status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
  }

  private static func directory(_ path: String) -> Failure {
    Failure(.input, "cannot read '\(path)': it is a directory", advice: "name the files in it")
  }

  /// A hash of the first bytes on disk; missing where there are fewer.
  func hash(first count: Int) -> UInt64? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, count)) { space in
      guard isRegular, pread(descriptor, space.baseAddress, count, 0) == count else { return nil }
      return StableHash.of(space[..<count])
    }
  }

  /// Whether a read would return at once, or within the given time.
  func isReady(withinMilliseconds wait: Int32) -> Bool {
    if isRegular || blockStart < blockEnd { return true }
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, wait) != 0
  }

  private func recognise() throws(Failure) {
    while blockEnd < 4 && !inputEnded { try refill() }
    let start = (0..<min(4, blockEnd)).map { block[$0] }
    let isGzip = start.starts(with: [0x1F, 0x8B])
    let isZstd =
      start == [0x28, 0xB5, 0x2F, 0xFD]
      || (start.count == 4 && start[0] & 0xF0 == 0x50 && start[1...] == [0x2A, 0x4D, 0x18])
    if isGzip {
      packing = .packed(try GzipDecoder())
    } else if isZstd {
      packing = .packed(try ZstdDecoder())
    } else if blockEnd > 0 && path.hasSuffix(".gz") {
      throw Failure(.input, "'\(path)' is not gzip data", advice: "check how it was made")
    } else if blockEnd > 0 && path.hasSuffix(".zst") {
      throw Failure(.input, "'\(path)' is not zstd data", advice: "check how it was made")
    } else {
      packing = .plain
    }
  }

  /// Adds what the next read gives to the block.
  private func refill() throws(Failure) {
    if blockStart == blockEnd {
      blockStart = 0
      blockEnd = 0
    }
    let free = UnsafeMutableBufferPointer(
      start: block + blockEnd, count: ByteSource.blockBytes - blockEnd)
    let count = try receive(into: free)
    blockEnd += count
  }

  private func receive(into space: UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int {
    while true {
      let count = Glibc.read(descriptor, space.baseAddress, space.count)
      if count >= 0 {
        taken += Int64(count)
        if count == 0 { inputEnded = true }
        return count
      }
      let code = errno
      if code != EINTR { throw ByteSource.refusal(path, code) }
    }
  }
}

/// Unpacks a stream of bytes piece by piece.
protocol Decompressor: AnyObject {
  /// Takes some of `input` and fills some of `output`. `inputEnded` says that nothing follows `input`; `path` names the
  /// input where its data are damaged or end too early.
  func step(
    input: UnsafeBufferPointer<UInt8>, inputEnded: Bool, output: UnsafeMutableBufferPointer<UInt8>,
    path: String
  ) throws(Failure) -> DecodingStep
}

/// What one call of a decompressor did.
struct DecodingStep {
  var consumed: Int
  var produced: Int
  /// No more bytes will come.
  var ended: Bool
}
