import Foundation
import Glibc
import Primitives
import Testing

@testable import Host

@Suite("Input that is kept for the next process", .timeLimit(.minutes(20)))
struct PipeSpoolTests {
  /// A pipe in place of standard input.
  private let input: (read: Int32, write: Int32)

  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    input = (ends[0], ends[1])
  }

  /// Bytes of which no two stretches of a ring's length are the same.
  private func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
  }

  /// Writes beside the test, since a pipe holds little; with the end of the input or without.
  private func send(_ bytes: [UInt8], thenEnd isEnd: Bool = true) {
    let target = input.write
    Thread {
      var done = 0
      while done < bytes.count {
        let written = bytes[done...].withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
        if written <= 0 { return }
        done += written
      }
      if isEnd { close(target) }
    }.start()
  }

  /// What comes, up to so much; with a pause after each piece where the reader is to be slow.
  private func take(_ count: Int, from descriptor: Int32, pause: Double = 0) -> [UInt8] {
    var taken: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 1 << 14)
    while taken.count < count {
      let got = read(descriptor, &room, min(room.count, count - taken.count))
      if got <= 0 { break }
      taken += room[..<got]
      if pause > 0 { Thread.sleep(forTimeInterval: pause) }
    }
    return taken
  }

  @Test("A slow process gets every byte as it came, however often the ring goes round")
  func slow() throws {
    let sent = bytes(2_000_000)
    // No multiple of what is read at once, so that pieces are cut where the ring ends.
    let spool = try PipeSpool(mostKept: 100_000, input: input.read) {}
    let feed = try spool.begin()
    send(sent)
    let got = take(sent.count + 1, from: feed, pause: 0.002)
    #expect(got == sent)
    #expect(spool.failure == nil)
  }

  @Test("The next process gets everything from the beginning, and what came since")
  func again() throws {
    let sent = bytes(100_000)
    let spool = try PipeSpool(mostKept: 100_000, input: input.read) {}
    send(Array(sent[..<60_000]), thenEnd: false)
    #expect(take(60_000, from: try spool.begin()) == Array(sent[..<60_000]))
    let feed = try spool.begin()
    send(Array(sent[60_000...]))
    #expect(take(sent.count + 1, from: feed) == sent)
  }

  @Test("Where the beginning was overwritten there is no next process, and it says why")
  func over() throws {
    let sent = bytes(300_000)
    let spool = try PipeSpool(mostKept: 100_000, input: input.read) {}
    send(sent)
    #expect(take(sent.count + 1, from: try spool.begin()) == sent)
    #expect(
      failure { _ = try spool.begin() }
        == "a plugin ended the process after more input than could be kept to start again "
        + "(the plugin is set aside: give the input again)")
  }

  @Test("Input that cannot be read is a failure and no end of the input")
  func unreadable() throws {
    let told = DispatchSemaphore(value: 0)
    let folder = open("/", O_RDONLY | O_CLOEXEC)
    defer { close(folder) }
    let spool = try PipeSpool(input: folder) { told.signal() }
    let feed = try spool.begin()
    told.wait()
    #expect(
      spool.failure?.description
        == "cannot read standard input: Is a directory (give the events as a file)")
    var polled = pollfd(fd: feed, events: Int16(POLLIN), revents: 0)
    #expect(poll(&polled, 1, 50) == 0)
  }
}
