import Primitives

/// A report as an indented JSON file that appears whole or not at all.
enum JSONReport {
  static func write(_ value: JSONValue, to path: String) throws(Failure) {
    let file = try OutputFile(path)
    try file.write(value.serialized(.indented) + "\n")
    try file.finish()
  }
}
