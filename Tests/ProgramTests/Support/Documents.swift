import Foundation
import Primitives
import Testing

extension JSONValue {
  /// The keys of an object in the order of the file; none of anything else.
  var keys: [String] {
    guard case .object(let members) = self else { return [] }
    return members.map(\.key)
  }

  /// The value under a key; null where there is none.
  subscript(key: String) -> JSONValue {
    guard case .object(let members) = self else { return .null }
    return members.first { $0.key == key }?.value ?? .null
  }

  var elements: [JSONValue] {
    guard case .list(let elements) = self else { return [] }
    return elements
  }

  var text: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  var number: Double? {
    switch self {
    case .integer(let whole): Double(whole)
    case .number(let number): number
    default: nil
    }
  }
}

extension Workspace {
  func json(_ name: String) throws -> JSONValue { try JSONValue.parse(try read(name)) }

  /// One document a line.
  func jsonLines(_ name: String) throws -> [JSONValue] {
    try read(name).split(separator: "\n").map { try JSONValue.parse(String($0)) }
  }

  func lines(_ name: String) throws -> [String] {
    try read(name).split(separator: "\n").map(String.init)
  }

  /// Everything that stands in a folder, without what begins with a dot.
  func files(_ folder: String = ".") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder).path)
      .filter { !$0.hasPrefix(".") }.sorted()
  }

  /// Files that were begun and not finished, anywhere below.
  func unfinished() -> [String] {
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    return (names ?? []).filter { $0.contains(".partial") }.sorted()
  }
}

extension Outcome {
  /// What a program said that ended by itself: for comparing in one line, with what went wrong visible.
  static func ended(_ status: Int32, _ output: String = "", errors: String = "") -> Outcome {
    Outcome(status: status, signal: nil, output: output, errors: errors, timedOut: false)
  }
}
