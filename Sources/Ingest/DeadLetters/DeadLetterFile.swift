import Glibc
package import Primitives

/// Writes dead letters to a file, one JSON object a line.
///
/// The raw bytes stand under `raw`, or in base64 under `raw_base64` where they are not UTF-8. Appends to what is there. One thread at a time.
package final class DeadLetterFile {
  private static let flushBytes = 1 << 16
  private let path: String
  private let clock: (() -> Timestamp)?
  private var descriptor: Int32
  private var pending: [UInt8] = []
  package private(set) var count = 0

  /// - Parameter clock: says when a letter was put aside; missing where the same input has to give the same bytes.
  package init(path: String, clock: (() -> Timestamp)? = nil) throws(Failure) {
    self.path = path
    self.clock = clock
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      throw Failure(
        .internal, "cannot write '\(path)': \(systemError(errno))",
        advice: "check the folder and its mode")
    }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  package func write(_ letter: DeadLetter) throws(Failure) {
    count += 1
    var members: [JSONValue.Member] = [
      .init("file", .text(letter.file)), .init("line", .integer(Int64(letter.line))),
      .init("byte_offset", .integer(letter.byteOffset)),
      .init("reason", .text(letter.reason.rawValue)), .init("detail", .text(letter.detail)),
    ]
    if let text = String(validating: letter.raw, as: UTF8.self) {
      members.append(.init("raw", .text(text)))
    } else {
      members.append(.init("raw_base64", .text(base64(letter.raw))))
    }
    if let clock { members.insert(.init("time", .text(clock().description)), at: 0) }
    JSONValue.object(members).append(to: &pending)
    pending.append(0x0A)
    if pending.count >= DeadLetterFile.flushBytes { try flush() }
  }

  /// Hands everything to the operating system.
  package func flush() throws(Failure) {
    try writeAll(pending, to: descriptor, path: path)
    pending.removeAll(keepingCapacity: true)
  }

  package func close() throws(Failure) {
    try flush()
    Glibc.close(descriptor)
    descriptor = -1
  }
}

/// Writes bytes to an open file, however many calls it takes.
func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(Failure) {
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes {
      Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
    }
    if count < 0 {
      if errno == EINTR { continue }
      throw Failure(
        .internal, "cannot write '\(path)': \(systemError(errno))",
        advice: "check the disk")
    }
    written += count
  }
}

/// Base64 with padding (RFC 4648).
func base64(_ bytes: [UInt8]) -> String {
  let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    var word: UInt32 = 0
    for byte in group { word = word << 8 | UInt32(byte) }
    word <<= UInt32(8 * (3 - group.count))
    for index in 0..<4 {
      text.append(
        index <= group.count ? letters[Int(word >> UInt32(18 - 6 * index)) & 63] : 0x3D)
    }
  }
  return String(decoding: text, as: UTF8.self)
}
