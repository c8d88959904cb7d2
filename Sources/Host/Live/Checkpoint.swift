import Crypto
import Detection
import Primitives

/// A source at the border between two batches: where its reader stands and all that judging remembers.
///
///     "MWCHECK" version  numbers and position  length  section …  SHA-256 of all that
struct Checkpoint: Equatable {
  /// Events read, and of them those that were judged: repeated ones were not.
  var read: Int
  var events: Int
  /// What the reader goes on from; empty for its beginning.
  var position: String
  /// How long the file of dead letters was.
  var letterBytes: Int64
  var state: RunState
  /// The ids that repeated events are known by.
  var duplicates: [UInt8]

  private static let magic = Array("MWCHECK".utf8)
  private static let version: UInt8 = 3

  /// All but the sum at the end, which is the writer's to add.
  var encoded: [UInt8] {
    var writer = StateWriter()
    for byte in Checkpoint.magic { writer.byte(byte) }
    writer.byte(Checkpoint.version)
    writer.count(read)
    writer.count(events)
    writer.append(Array(position.utf8))
    writer.signed(letterBytes)
    for section in [
      state.windows, state.patterns, state.series, state.judge, state.counters, duplicates,
    ] { writer.append(section) }
    return writer.bytes
  }

  static func sealed(_ encoded: [UInt8]) -> [UInt8] { encoded + Array(SHA256.hash(data: encoded)) }

  /// - Throws: `StateDamage` with what is wrong, whatever the bytes are.
  init(sealed bytes: [UInt8]) throws(StateDamage) {
    guard bytes.starts(with: Checkpoint.magic) else {
      throw StateDamage(what: "it does not begin as a checkpoint does")
    }
    guard bytes.count > Checkpoint.magic.count + SHA256.byteCount,
      SHA256.hash(data: bytes.dropLast(SHA256.byteCount)) == bytes.suffix(SHA256.byteCount)
    else { throw StateDamage(what: "its checksum does not match") }
    var reader = StateReader(bytes.dropLast(SHA256.byteCount)[Checkpoint.magic.count...])
    let version = try reader.byte()
    guard version == Checkpoint.version else {
      throw StateDamage(
        what: "it is of version \(version), and this program reads \(Checkpoint.version)")
    }
    read = try reader.size(upTo: .max)
    events = try reader.size(upTo: .max)
    position = String(decoding: try reader.raw(), as: UTF8.self)
    letterBytes = try reader.signed()
    state = RunState(
      windows: Array(try reader.raw()), patterns: Array(try reader.raw()),
      series: Array(try reader.raw()), judge: Array(try reader.raw()),
      counters: Array(try reader.raw()))
    duplicates = Array(try reader.raw())
    guard reader.left == 0 else { throw StateDamage(what: "something follows its end") }
  }

  init(
    read: Int, events: Int, position: String, letterBytes: Int64, state: RunState,
    duplicates: [UInt8]
  ) {
    self.read = read
    self.events = events
    self.position = position
    self.letterBytes = letterBytes
    self.state = state
    self.duplicates = duplicates
  }
}
