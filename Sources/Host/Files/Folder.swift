import Foundation
import Glibc
import Primitives

/// Folders that the host keeps its files in.
enum Folder {
  /// Makes a folder and those above it; one that is there is left as it is.
  static func make(_ path: String) throws(Failure) {
    try Folders.make(
      path, named: "'\(path)'", advice: "choose another place, or change its permissions")
  }

  /// The names of the files with an ending, in order; none where there is no such folder.
  static func files(in path: String, ending: String) throws(Failure) -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { $0.hasSuffix(ending) }.sorted()
    } catch {
      throw Failure(
        .usage, "cannot read the folder '\(path)': \(reason(error))",
        advice: "check the path and its permissions")
    }
  }

  /// A whole file as text; `what` names it in errors, such as `the list`.
  static func text(of path: String, _ what: String) throws(Failure) -> String {
    let data: Data
    guard access(path, R_OK) == 0 else {
      throw Failure(
        .usage, "cannot read \(what) '\(path)': \(systemError(errno))",
        advice: "check the path and its permissions")
    }
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw Failure(
        .usage, "cannot read \(what) '\(path)': \(reason(error))",
        advice: "check the path and its permissions")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw Failure(
        .usage, "cannot read \(what) '\(path)': it is not UTF-8 text", advice: "save it as UTF-8")
    }
    return text
  }

  private static func reason(_ error: any Error) -> String {
    let nested = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return nested.flatMap { Int32(exactly: $0.code) }.map(systemError)
      ?? error.localizedDescription
  }
}
