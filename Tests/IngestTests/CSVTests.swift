import Detection
import Foundation
import Ingest
import Primitives
import Testing

@Suite("CSV")
struct CSVTests {
  private func table(_ text: String) throws -> [[String]] {
    let scratch = try Scratch()
    let table = try CSVTable.read(scratch.file("t.csv", text))
    return [table.columns] + table.rows.map(\.fields)
  }

  @Test(
    "RFC 4180 records are cut as it says",
    arguments: [
      ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
      ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
      ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
      ("a,b\n\"x\",\"y\"\n", [["a", "b"], ["x", "y"]]),
      ("a,b\n\"x,y\",2\n", [["a", "b"], ["x,y", "2"]]),
      ("a,b\n\"x\ny\",2\n", [["a", "b"], ["x\ny", "2"]]),
      ("a,b\n\"x\r\ny\",2\r\n", [["a", "b"], ["x\r\ny", "2"]]),
      ("a,b\n\"x\"\"y\",2\n", [["a", "b"], ["x\"y", "2"]]),
      ("a,b\n\"\",\n", [["a", "b"], ["", ""]]),
      ("a,b\n\"\"\"\",2\n", [["a", "b"], ["\"", "2"]]),
      ("a,b\n,\n", [["a", "b"], ["", ""]]),
      ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
      ("\u{FEFF}\"a\",b\n1,2\n", [["a", "b"], ["1", "2"]]),
      ("a,b\n\n1,2\n\n", [["a", "b"], ["1", "2"]]),
      ("a,b\n x , y \n", [["a", "b"], [" x ", " y "]]),
      ("a,b\nx\"y,2\n", [["a", "b"], ["x\"y", "2"]]),
      ("a,b\n\u{85}\u{2028},2\n", [["a", "b"], ["\u{85}\u{2028}", "2"]]),
      ("a,b\n1,\"2\"", [["a", "b"], ["1", "2"]]),
    ])
  func records(text: String, expected: [[String]]) throws {
    #expect(try table(text) == expected)
  }

  @Test(
    "A large table comes back whole, however its quotes and letters fall on the buffer's borders")
  func large() throws {
    var random = SeededRandom(seed: 42)
    var text = "a,b,c\n"
    var rows: [[String]] = []
    while text.utf8.count < 3 << 20 {
      let row = (0..<3).map { _ in
        let long = String(repeating: "x", count: random.below(30) == 0 ? random.below(9000) : 9)
        return switch random.below(200) {
        case 0: "\"\"" + long
        case 1: long + "\n,é"
        case 2: "😀" + long
        default: long
        }
      }
      rows.append(row)
      text += CSVCell.line(row)
    }
    let read = try table(text)
    #expect(read.count == rows.count + 1)
    #expect(Array(read.dropFirst()) == rows)
  }

  @Test("Broken quotes and odd rows are told with their line")
  func broken() throws {
    let scratch = try Scratch()
    func message(_ text: String) throws -> String {
      let path = try scratch.file("t.csv", text)
      return failure { _ = try CSVTable.read(path) }.replacing(scratch.path + "/", with: "")
    }
    #expect(try message("a,b\n1,2\n\"x,2\n3,4\n") == "t.csv:3: a quote is not closed")
    #expect(try message("a,b\n\"x\"y,2\n") == "t.csv:2: text follows a closing quote")
    #expect(
      try message("a,b\n1,2,3\n")
        == "t.csv:2: 3 columns instead of 2 (each row needs as many as the header)")
    #expect(
      try message("a,b\n1\n")
        == "t.csv:2: 1 column instead of 2 (each row needs as many as the header)")
    #expect(
      try message("").hasSuffix(
        "t.csv' is empty (leave it out or check how it was made)"))
  }

  @Test("Any table of texts comes back as it was written, in plain and quoted form")
  func roundTrip() throws {
    var random = SeededRandom(seed: 4180)
    let pieces = ["a", "\"", ",", "\n", "\r\n", " ", "é", "😀", "x1", ""]
    for _ in 0..<300 {
      let width = 1 + Int(random.next() % 4)
      let rows = (0..<(1 + Int(random.next() % 6))).map { _ in
        (0..<width).map { column in
          (0..<Int(random.next() % 5)).map { _ in pieces[Int(random.next() % 10)] }.joined()
            + (column == 0 ? "k" : "")
        }
      }
      let text = rows.map { CSVCell.line($0) }.joined()
      #expect(try table(text) == rows)
    }
  }

  @Test("Numbers, empty cells and texts of a table come out row by row")
  func numericFile() throws {
    let scratch = try Scratch()
    let path = try scratch.file("t.csv", "x,name,y\n1.5,ana,\n-2e3,bo,NaN\n ,\"c,d\",0.25\n")
    let file = try NumericFile.read(path)
    #expect(file.names == ["x", "name", "y"])
    #expect(file.texts == ["name"])
    #expect(file.categories == [[], ["ana", "bo", "c,d"], []])
    #expect(file.rows == 3)
    #expect(file.values.map { $0.isNaN ? -1 : $0 } == [1.5, 0, -1, -2000, 1, -1, -1, 2, 0.25])
  }

  @Test("A cell of categories that a model could not name is refused with its line and why")
  func unnameable() throws {
    let scratch = try Scratch()
    for (cell, why) in [
      ([UInt8](repeating: 0xFF, count: 400), "t.csv:3: column 'name' is not UTF-8"),
      ([UInt8](repeating: 0x61, count: 1001), "t.csv:3: column 'name' has a text of 1001 bytes"),
    ] {
      let path = try scratch.file("t.csv", "x,name\n1,ana\n")
      let file = try #require(FileHandle(forWritingAtPath: path))
      try file.seekToEnd()
      try file.write(contentsOf: Data("2,".utf8) + cell + [0x0A])
      try file.close()
      let failure = #expect(throws: Failure.self) { try NumericFile.read(path) }
      #expect(failure.map { "\($0)" }?.contains(why) == true, "\(String(describing: failure))")
    }
  }

  @Test("Columns are categories where it is said, and are not read where that is said")
  func chosenColumns() throws {
    let scratch = try Scratch()
    let path = try scratch.file("t.csv", "x,name,y\n07,ana,1\n7,,2\n07,\u{FF}bo,NA\n")
    let file = try NumericFile.read(path, categorical: ["x"], without: ["y"])
    #expect(file.names == ["x", "name"])
    #expect(file.categories == [["07", "7"], ["ana", "\u{FF}bo"]])
    #expect(file.values.map { $0.isNaN ? -1 : $0 } == [0, 0, 1, -1, 0, 1])
    #expect(try NumericFile.read(path, wanted: ["x", "y"]).names == ["x", "y"])
    #expect(
      failure { _ = try NumericFile.read(path, categorical: ["names"]) }.hasSuffix(
        "t.csv: there is no column 'names' to be categories (did you mean 'name'?)"))
    #expect(
      failure { _ = try NumericFile.read(path, without: ["wholly"]) }.hasSuffix(
        "t.csv: there is no column 'wholly' to be left out (leave it out)"))
    let long = try scratch.file("l.csv", "x\nok\n\(String(repeating: "a", count: 1001))\n")
    #expect(
      failure { _ = try NumericFile.read(long) }.contains(
        "l.csv:3: column 'x' has a text of 1001 bytes; a category has at most 1000"))
  }

  @Test("A table that comes through a named pipe is read from its first row")
  func numericPipe() throws {
    let scratch = try Scratch()
    let rows = (0..<20_000).map { "\($0),\($0 % 7)\n" }
    let path = try scratch.file("t.csv", "x,y\n" + rows.joined())
    let pipe = try scratch.pipe("p", from: path)
    let file = try NumericFile.read(pipe)
    #expect(file.rows == 20_000)
    #expect(file.values.prefix(4) == [0, 0, 1, 1])
  }

  @Test("A text far down in a column of numbers is an error with its line")
  func lateText() throws {
    let scratch = try Scratch()
    let rows = (0..<1500).map { $0 == 1400 ? "oops,1" : "\($0),1" }
    let path = try scratch.file("t.csv", "x,y\n" + rows.joined(separator: "\n"))
    #expect(
      failure { _ = try NumericFile.read(path) }.hasSuffix(
        "t.csv:1402: column 'x' holds 'oops', not a number (leave it empty where a number is missing)"
      ))
  }
}
