import Foundation
package import Primitives

/// A file of expressions for `--file`.
package enum ReplScript {
  private static let largest = 4 << 20

  package static func text(of path: String) throws(Failure) -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.usage, "cannot read the script '\(path)'", advice: "check the path")
    }
    guard data.count <= largest else {
      throw Failure(
        .usage, "the script '\(path)' is larger than \(Format.bytes(largest))",
        advice: "split it")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
