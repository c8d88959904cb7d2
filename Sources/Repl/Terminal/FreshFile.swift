import Foundation
import Host
import Primitives

/// A file that values are written to; one that is there is not written over.
final class FreshFile {
  private let file: OutputFile

  init(_ path: String) throws(Failure) {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw Failure(.usage, "'\(path)' is there already", advice: "choose another name")
    }
    file = try OutputFile(path)
  }

  func write(_ text: String) throws(Failure) { try file.write(text) }
  func finish() throws(Failure) { try file.finish() }
}
