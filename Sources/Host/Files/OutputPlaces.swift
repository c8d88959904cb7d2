import Foundation
import Primitives

extension OutputFile {
  /// Refuses two outputs in one file, and an output over an input: one of the two would be lost.
  static func requireDistinct(_ outputs: [String?], notOver inputs: [String]) throws(Failure) {
    let taken = Set(inputs.filter { $0 != "-" }.map(place))
    var seen: Set<String> = []
    for output in outputs.compactMap({ $0 }) where isPlainFile(output) {
      if taken.contains(place(output)) {
        throw Failure(
          .usage, "'\(output)' is an input and would be overwritten",
          advice: "choose another file to write to")
      }
      if !seen.insert(place(output)).inserted {
        throw Failure(
          .usage, "two outputs are to go to '\(output)'", advice: "name a file for each")
      }
    }
  }

  private static func isPlainFile(_ path: String) -> Bool {
    path != "-" && !path.hasPrefix("/dev/")
  }

  private static func place(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
}
