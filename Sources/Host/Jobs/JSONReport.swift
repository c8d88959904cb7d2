import Learning
import Primitives

/// A report as a JSON file that appears whole or not at all.
enum JSONReport {
  static func write(_ value: JSONValue, to path: String) throws(Failure) {
    try OutputFile.write((value.serialized(.indented) + "\n").utf8, to: path)
  }

  static func write(_ report: some Encodable, to path: String) throws(Failure) {
    try OutputFile.write(try JSON.encode(report), to: path)
  }
}
