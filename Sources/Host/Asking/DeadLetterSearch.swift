import Foundation
import Glibc
import Primitives

/// Looks for a record in the dead letters of a data directory.
struct DeadLetterSearch {
  let dataDirectory: String

  struct Letter {
    var file: String
    var line: Int
    var reason: String
    var detail: String
  }

  /// The first record that has a text as a word of its own.
  func first(with text: String) throws(Failure) -> Letter? {
    if text.isEmpty { return nil }
    for path in try files() {
      guard let stream = fopen(path, "r") else { continue }
      defer { fclose(stream) }
      var line: UnsafeMutablePointer<CChar>?
      var capacity = 0
      defer { free(line) }
      while true {
        let length = getline(&line, &capacity, stream)
        guard length > 0, let line else { break }
        let bytes = UnsafeBufferPointer(start: line, count: length).map(UInt8.init(bitPattern:))
        if let letter = letter(bytes, with: text) { return letter }
      }
    }
    return nil
  }

  private func files() throws(Failure) -> [String] {
    var paths = [dataDirectory + "/dead-letters.jsonl"]
    let run = dataDirectory + "/run"
    for source in try Folder.files(in: run, ending: "") {
      paths.append("\(run)/\(source)/dead-letters.jsonl")
    }
    return paths
  }

  /// A line that is no letter is passed over: the file is there for people, who may have edited it.
  private func letter(_ line: [UInt8], with text: String) -> Letter? {
    let value: JSONValue
    do {
      value = try JSONValue.parse(String(decoding: line, as: UTF8.self))
    } catch {
      return nil
    }
    guard let raw = value["raw"]?.text, hasWord(text, in: raw), let file = value["file"]?.text,
      let number = value["line"]?.integer, let reason = value["reason"]?.text,
      let detail = value["detail"]?.text
    else { return nil }
    return Letter(file: file, line: Int(number), reason: reason, detail: detail)
  }

  private func hasWord(_ word: String, in text: String) -> Bool {
    func isPart(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || character == "_" || character == "-"
    }
    var rest = text[...]
    while let range = rest.range(of: word) {
      let before = text[..<range.lowerBound].last
      let after = text[range.upperBound...].first
      if !(before.map(isPart) ?? false) && !(after.map(isPart) ?? false) { return true }
      rest = rest[range.upperBound...]
    }
    return false
  }
}
