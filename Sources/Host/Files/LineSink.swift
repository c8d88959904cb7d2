import Glibc
import Primitives

/// Where a stream of lines goes: a file that appears whole, or one that others read while it grows.
final class LineSink {
  private enum Place {
    case whole(OutputFile)
    case growing(Int32)
  }
  private let path: String
  private let place: Place

  init(_ path: String, isLive: Bool) throws(Failure) {
    self.path = path
    if !isLive || path == "-" {
      place = .whole(try OutputFile(path))
      return
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      throw Failure(
        .usage, "cannot write '\(path)': \(systemError(errno))",
        advice: "choose a folder that exists and that you may write to")
    }
    place = .growing(descriptor)
  }

  deinit { if case .growing(let descriptor) = place { close(descriptor) } }

  /// Hands whole lines to the system and empties the chunk.
  func write(_ chunk: inout [UInt8]) throws(Failure) {
    switch place {
    case .whole(let file):
      try file.write(chunk)
      try file.flush()
    case .growing(let descriptor): try write(chunk, to: descriptor)
    }
    chunk.removeAll(keepingCapacity: true)
  }

  func finish() throws(Failure) { if case .whole(let file) = place { try file.finish() } }

  private func write(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if written >= 0 {
        done += written
      } else if errno != EINTR {
        throw Failure(
          .internal, "cannot write '\(path)': \(systemError(errno))",
          advice: "free some space and run again")
      }
    }
  }
}
