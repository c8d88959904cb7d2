import Learning
import Primitives

/// A report as a JSON file that appears whole or not at all; none where none was asked for.
///
/// The file is opened before the work begins, so that a place that cannot be written is told at once.
struct JSONReport {
  private let file: OutputFile?

  init(_ path: String?) throws(Failure) {
    file = try path.map { (path) throws(Failure) in try OutputFile(path) }
  }

  func write(_ value: @autoclosure () -> JSONValue) throws(Failure) {
    guard let file else { return }
    try file.write(value().serialized(.indented) + "\n")
    try file.finish()
  }

  func write(_ report: some Encodable) throws(Failure) {
    guard let file else { return }
    try file.write(try JSON.encode(report))
    try file.finish()
  }
}
