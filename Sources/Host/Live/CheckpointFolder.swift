import Detection
import Foundation
import Glibc
import Primitives

/// The checkpoints of one source: files numbered upwards in a folder of its own, of which the last two are kept.
struct CheckpointFolder: Sendable {
  let path: String
  private static let prefix = "checkpoint-"

  /// `<data directory>/run/<source>`, made where it is missing.
  init(dataDirectory: String, source: String) throws(Failure) {
    path = "\(dataDirectory)/run/\(source)"
    try Folder.make(path)
  }

  func file(_ number: Int) -> String { "\(path)/\(CheckpointFolder.prefix)\(number)" }

  /// Ascending.
  func numbers() throws(Failure) -> [Int] {
    try Folder.files(in: path, ending: "").compactMap { name in
      guard name.hasPrefix(CheckpointFolder.prefix) else { return nil }
      return Int(name.dropFirst(CheckpointFolder.prefix.count))
    }.sorted()
  }

  /// The newest that can be used, and sentences about those that cannot.
  func newest() throws(Failure) -> (found: (number: Int, checkpoint: Checkpoint)?, damage: [String])
  {
    var damage: [String] = []
    for number in try numbers().reversed() {
      do {
        let data = try Data(contentsOf: URL(fileURLWithPath: file(number)))
        return ((number, try Checkpoint(sealed: Array(data))), damage)
      } catch let problem as StateDamage {
        damage.append("the checkpoint \(file(number)) cannot be used: \(problem.what)")
      } catch {
        damage.append("the checkpoint \(file(number)) cannot be read")
      }
    }
    return (nil, damage)
  }

  /// The file appears whole and lasting, or not at all; then those before the last two go.
  func write(_ number: Int, _ encoded: [UInt8]) throws(Failure) {
    try OutputFile.write(Checkpoint.sealed(encoded), to: file(number))
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
    for old in try numbers().dropLast(2) { unlink(file(old)) }
    for rest in try Folder.files(in: path, ending: ".partial")
    where !rest.contains(".\(getpid())-") { unlink("\(path)/\(rest)") }
  }
}
