import Detection
import Primitives

/// The text lists of a folder, by file name: one entry a line, of a `.csv` the first column.
///
/// `#` begins a comment at the start of a line and, but for tables, after a space.
struct TextLists: Sendable, Equatable {
  /// What conditions and Lua ask.
  let book: ListBook

  /// A folder that does not exist holds no lists.
  init(folder: String) throws(Failure) {
    var first: Failure?
    self = TextLists(folder: folder) { _, failure in first = first ?? failure }
    if let first { throw first }
  }

  /// - Parameter broken: is told each file that cannot be read; its list is there by its name, and empty.
  init(folder: String, broken: (_ file: String, Failure) -> Void) {
    var lists: [String: TextList] = [:]
    do throws(Failure) {
      for file in try TextLists.files(in: folder) {
        let name = String(file.dropLast(4))
        do throws(Failure) {
          if lists[name] != nil {
            throw Failure(
              .usage, "there are two lists '\(name)' in '\(folder)': \(name).txt and \(name).csv",
              advice: "rename or remove one of them")
          }
          lists[name] = TextList([String]())
          lists[name] = try TextLists.read(folder + "/" + file)
        } catch {
          broken(folder + "/" + file, error)
        }
      }
    } catch {
      broken(folder, error)
    }
    book = ListBook(lists)
  }

  static func == (a: TextLists, b: TextLists) -> Bool {
    a.book.names == b.book.names && a.book.names.allSatisfy { a.book[$0] == b.book[$0] }
  }

  var names: Set<String> { Set(book.names) }

  /// `: 1204 entries, 31 KB`; empty where there are no lists.
  var size: String {
    let lists = book.names.compactMap { book[$0] }
    if lists.isEmpty { return "" }
    let entries = lists.reduce(0) { $0 + $1.count }
    let bytes = lists.reduce(0) { $0 + $1.memoryBytes }
    return ": \(entries) entries, \((bytes + 1023) / 1024) KB in memory"
  }

  func has(_ list: String, _ entry: String) -> Bool { book.has(list, entry) }

  private static func files(in folder: String) throws(Failure) -> [String] {
    try Folder.files(in: folder, ending: ".txt") + Folder.files(in: folder, ending: ".csv")
  }

  private static func read(_ path: String) throws(Failure) -> TextList {
    let text = try Folder.text(of: path, "the list").trimmingPrefix("\u{FEFF}")
    let isTable = path.hasSuffix(".csv")
    let entries = text.utf8.split(whereSeparator: { $0 == 10 || $0 == 13 }).compactMap {
      isTable ? cell($0) : entry($0)
    }
    guard entries.count <= TextList.mostEntries else {
      throw Failure(
        .usage,
        "the list '\(path)' has \(entries.count) entries, and \(TextList.mostEntries) are allowed",
        advice: "split it")
    }
    return TextList(entries)
  }

  /// A cell up to its closing quote; two quotes stand for one.
  private static func quoted(_ rest: Substring) -> Substring? {
    var cell = ""
    var quotes = 0
    for character in rest.unicodeScalars {
      if character == "\"" {
        quotes += 1
        if quotes % 2 == 0 { cell.unicodeScalars.append(character) }
      } else if quotes % 2 == 1 {
        break
      } else {
        cell.unicodeScalars.append(character)
      }
    }
    return cell.isEmpty ? nil : Substring(cell)
  }

  /// The entry of a line of a table; nothing for a comment and for an empty line.
  private static func cell(_ line: Substring.UTF8View) -> Substring? {
    if line.first == UInt8(ascii: "\"") { return quoted(Substring(line.dropFirst())) }
    return trimmed(line.prefix { $0 != UInt8(ascii: ",") })
  }

  /// The entry of a line; nothing for a comment and for an empty line.
  static func entry(_ line: Substring.UTF8View) -> Substring? {
    let hash = UInt8(ascii: "#")
    let comment = zip(line.indices, line.indices.dropFirst()).first {
      isBlank(line[$0.0]) && line[$0.1] == hash
    }
    return trimmed(comment.map { line[..<$0.0] } ?? line)
  }

  private static func trimmed(_ cell: Substring.UTF8View) -> Substring? {
    var cell = cell.drop(while: isBlank)
    while let last = cell.last, isBlank(last) { cell.removeLast() }
    return cell.isEmpty || cell.first == UInt8(ascii: "#") ? nil : Substring(cell)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
}
