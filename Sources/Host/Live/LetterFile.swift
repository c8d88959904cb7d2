import Glibc
import Ingest
import Primitives

/// The dead letters of one source of the service.
///
/// A checkpoint knows how long the file was. A restart cuts it there and reads on from there: each record that could not
/// become an event is in it once.
final class LetterFile {
  let path: String
  private(set) var count = 0
  private let file: DeadLetterFile

  /// - Parameter keeping: bytes that stay; all where nil.
  init(folder: CheckpointFolder, keeping bytes: Int64?) throws(Failure) {
    path = folder.path + "/dead-letters.jsonl"
    var status = stat()
    if let bytes, stat(path, &status) == 0, Int64(status.st_size) > bytes {
      guard truncate(path, off_t(bytes)) == 0 else {
        throw Failure(
          .internal, "cannot cut '\(path)': \(systemError(errno))",
          advice: "make the data directory writable")
      }
    }
    // With its time, so that the letters are a source of events too.
    file = try DeadLetterFile(path: path) { WallClock.now() }
  }

  func write(_ letters: [DeadLetter]) throws(Failure) {
    for letter in letters { try file.write(letter) }
    count += letters.count
  }

  func flush() throws(Failure) { try file.flush() }

  /// Bytes on disk.
  var size: Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }
}
