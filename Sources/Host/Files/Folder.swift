import Foundation
import Primitives

/// Folders that the host keeps its files in.
enum Folder {
  /// Makes a folder and those above it; one that is there is left as it is.
  static func make(_ path: String) throws(Failure) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        .usage, "cannot write to '\(path)': \(reason(error))",
        advice: "choose another --data-dir, or change its permissions")
    }
  }

  private static func reason(_ error: any Error) -> String {
    let nested = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return nested.map { systemError(Int32($0.code)) } ?? error.localizedDescription
  }
}
