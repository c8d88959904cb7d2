import Foundation
import Glibc
import Primitives
import Testing

@testable import Host

@Suite("Output files")
struct OutputFileTests {
  @Test("A file is there when it is finished and not before")
  func whole() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a.txt"
    let file = try OutputFile(path)
    try file.write(String(repeating: "x", count: 200_000))
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try scratch.files.count == 1)
    try file.finish()
    #expect(try text(of: path).count == 200_000)
    #expect(try scratch.files == ["a.txt"])
  }

  @Test("A file that is given up leaves what was there and nothing beside it")
  func abandoned() throws {
    let scratch = try Scratch(["a.txt": "old"])
    do {
      let file = try OutputFile(scratch.path + "/a.txt")
      try file.write("new")
      try file.flush()
    }
    #expect(try scratch.files == ["a.txt"])
    #expect(try text(of: scratch.path + "/a.txt") == "old")
  }

  @Test("Two files for one path do not mix: the last finished stays")
  func samePath() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a.txt"
    let one = try OutputFile(path)
    let two = try OutputFile(path)
    try one.write("one")
    try two.write("two!")
    try two.finish()
    try one.finish()
    #expect(try text(of: path) == "one")
    #expect(try scratch.files == ["a.txt"])
  }

  @Test("Two outputs in one file and an output over an input are refused, devices may be shared")
  func distinct() throws {
    let scratch = try Scratch(["a.txt": ""])
    let path = scratch.path + "/a.txt"
    let link = scratch.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    try OutputFile.requireDistinct([path, path + "2", nil, "/dev/null", "/dev/null"], notOver: [])
    #expect(
      failure { try OutputFile.requireDistinct([path, link], notOver: []) }
        == "two outputs are to go to '\(link)' (name a file for each)")
    #expect(
      failure { try OutputFile.requireDistinct([link], notOver: [path]) }
        == "'\(link)' is an input and would be overwritten (choose another file to write to)")
  }

  @Test("A link stays a link, and the file that it points at is replaced")
  func link() throws {
    let scratch = try Scratch(["real/a.txt": "old"])
    let link = scratch.path + "/link.txt"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: scratch.path + "/real/a.txt")
    try OutputFile.write("new".utf8, to: link)
    #expect(try text(of: scratch.path + "/real/a.txt") == "new")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: link) == scratch.path
        + "/real/a.txt"
    )
  }

  @Test("A device is written and stays a device")
  func device() throws {
    let scratch = try Scratch()
    let link = scratch.path + "/null"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
    try OutputFile.write("gone".utf8, to: link)
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test("A full disk is told with what to do")
  func fullDisk() throws {
    let scratch = try Scratch()
    let link = scratch.path + "/full"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/full")
    #expect(
      failure { try OutputFile.write("x".utf8, to: link) }
        == "cannot write '\(link)': No space left on device (free some space and run again)")
    #expect(try scratch.files == ["full"])
  }

  @Test("A folder that is not there is told, and so is a path that is a folder")
  func noFolder() throws {
    #expect(
      failure { _ = try OutputFile("/nowhere/a.txt") }
        == "cannot write '/nowhere/a.txt': No such file or directory "
        + "(choose a folder that exists and that you may write to)")
    let scratch = try Scratch()
    let folder = scratch.path + "/f"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #expect(
      failure { try OutputFile.write("x".utf8, to: folder) }
        == "cannot write '\(folder)': Is a directory (name a file in it)")
    #expect(try scratch.files == ["f"])
  }
}
