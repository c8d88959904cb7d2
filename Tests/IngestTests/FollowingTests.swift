import Detection
import Foundation
import Ingest
import Primitives
import Testing

@Suite("Following files")
struct FollowingTests {
  private static func line(_ number: Int) -> String {
    #"{"time":"2026-03-01T14:00:00Z","id":"e\#(number)","kind":"login","user":"u\#(number % 7)"}"#
      + "\n"
  }

  /// What a follower gives until nothing has come for a while, and the place after every batch.
  private final class Follower {
    let reader: FollowingReader
    private let interner = Interner()
    private let batch: EventBatch
    private(set) var ids: [String] = []
    private(set) var places: [(events: Int, place: SourcePlace)] = []

    init(
      _ inputs: [String], _ source: SourceMapping, capacity: Int = 64,
      resuming place: SourcePlace? = nil
    ) throws {
      reader = try FollowingReader(
        inputs: inputs, mapping: source, interner: interner, resuming: place)
      batch = EventBatch(schema: reader.schema, capacity: capacity)
    }

    /// Reads one batch at most.
    func step() throws -> Bool {
      guard try reader.next(into: batch, waitMilliseconds: 50) else { return false }
      for row in 0..<batch.count { ids.append(batch.id(row)) }
      return true
    }

    /// Reads until no event has come for a time.
    func read(quietMilliseconds: Int = 350) throws {
      while try reader.next(into: batch, waitMilliseconds: quietMilliseconds) {
        for row in 0..<batch.count { ids.append(batch.id(row)) }
        places.append((ids.count, reader.place))
      }
    }
  }

  private func append(_ text: String, to path: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  private func move(_ from: String, _ to: String) throws {
    try FileManager.default.moveItem(atPath: from, toPath: to)
  }

  @Test("Lines are taken as they are written, half a line not before its rest")
  func growing() throws {
    let scratch = try Scratch()
    let path = try scratch.file("app.log", Self.line(0) + Self.line(1))
    let follower = try Follower([path], try shipped("generic-jsonl"))
    try follower.read()
    #expect(follower.ids == ["e0", "e1"])
    let next = Self.line(2)
    try append(Self.line(3) + String(next.prefix(20)), to: path)
    try follower.read()
    #expect(follower.ids == ["e0", "e1", "e3"])
    try append(String(next.dropFirst(20)), to: path)
    try follower.read()
    #expect(follower.ids == ["e0", "e1", "e3", "e2"])
    #expect(follower.reader.statistics.deadLetterCount == 0)
  }

  @Test(
    "A rotated file is read to its end, with a last line that has no line feed, and the new one from its start"
  )
  func rotation() throws {
    let scratch = try Scratch()
    let path = try scratch.file("app.log", Self.line(0))
    let follower = try Follower([path], try shipped("generic-jsonl"))
    try follower.read()
    try append(Self.line(1) + String(Self.line(2).dropLast()), to: path)
    try move(path, path + ".1")
    _ = try scratch.file("app.log", Self.line(3))
    try follower.read(quietMilliseconds: 2500)
    #expect(Set(follower.ids) == ["e0", "e1", "e2", "e3"])
    #expect(follower.ids.count == 4)
    #expect(follower.reader.place.files.map(\.path) == [path])
  }

  @Test("What a rotated file still holds is taken though another file keeps the reader busy")
  func rotationWhileBusy() throws {
    let scratch = try Scratch()
    let paths = try ["a.log", "b.log"].map {
      try scratch.file($0, Self.line($0 == "a.log" ? 0 : 1))
    }
    let follower = try Follower(paths, try shipped("generic-jsonl"), capacity: 8)
    try follower.read(quietMilliseconds: 50)
    #expect(follower.ids.count == 2)
    try append((2..<4000).map(Self.line).joined(), to: paths[0])
    // More than a block of the reader, so that some of it is still on disk.
    try append((4000..<8000).map(Self.line).joined(), to: paths[1])
    try append(String(Self.line(8000).dropLast()), to: paths[1])
    try move(paths[1], scratch.path + "/gone")
    _ = try follower.step()
    usleep(1_300_000)
    _ = try follower.step()
    usleep(1_300_000)
    try follower.read(quietMilliseconds: 2500)
    #expect(Set(follower.ids).count == 8001)
    #expect(follower.ids.count == 8001)
    #expect(follower.reader.drainNotices().isEmpty)
    #expect(follower.reader.place.files.map(\.path) == [paths[0]])
  }

  @Test("A file that grows as fast as it is read does not keep the reader from another")
  func busyFile() throws {
    let scratch = try Scratch()
    let paths = try ["a.log", "b.log"].map {
      try scratch.file($0, Self.line($0 == "a.log" ? 0 : 1))
    }
    let follower = try Follower(paths, try shipped("generic-jsonl"), capacity: 8)
    try follower.read(quietMilliseconds: 50)
    try append((2..<102).map(Self.line).joined(), to: paths[0])
    try append(Self.line(9999), to: paths[1])
    for round in 0..<40 where !follower.ids.contains("e9999") {
      let start = 102 + round * 8
      try append((start..<(start + 8)).map(Self.line).joined(), to: paths[0])
      _ = try follower.step()
    }
    #expect(follower.ids.contains("e9999"))
  }

  @Test("A file that is gone before it was opened is told")
  func goneUnread() throws {
    let scratch = try Scratch()
    let path = try scratch.file("a.log", Self.line(0))
    let follower = try Follower([scratch.path], try shipped("generic-jsonl"))
    try follower.read(quietMilliseconds: 50)
    let other = try scratch.file("b.log", "no line feed")
    try follower.read()
    try FileManager.default.removeItem(atPath: other)
    try follower.read(quietMilliseconds: 1800)
    #expect(follower.ids == ["e0"])
    #expect(
      follower.reader.drainNotices().contains("\(other) is gone with 12 bytes that were not read"))
    #expect(follower.reader.place.files.map(\.path) == [path])
  }

  @Test("A compressed file that became another one is read from its start, a touched one not again")
  func otherPackedFile() throws {
    let scratch = try Scratch()
    let gzip = { (name: String, text: String) in
      let plain = try scratch.file(name, text)
      try Process.run(URL(fileURLWithPath: "/usr/bin/env"), arguments: ["gzip", plain])
        .waitUntilExit()
      return plain + ".gz"
    }
    let path = try gzip("a.jsonl", Self.line(0) + Self.line(1))
    let other = try gzip("b.jsonl", Self.line(2) + Self.line(3))
    let follower = try Follower([path], try shipped("generic-jsonl"))
    try follower.read(quietMilliseconds: 800)
    #expect(follower.ids == ["e0", "e1"])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)], ofItemAtPath: path)
    try follower.read(quietMilliseconds: 800)
    #expect(follower.ids == ["e0", "e1"])
    // The same inode, as a new file may get it.
    try Data(contentsOf: URL(fileURLWithPath: other)).write(
      to: URL(fileURLWithPath: path), options: [])
    try follower.read(quietMilliseconds: 800)
    #expect(follower.ids == ["e0", "e1", "e2", "e3"])
    let again = try Follower(
      [path], try shipped("generic-jsonl"), resuming: follower.reader.place)
    try again.read(quietMilliseconds: 800)
    #expect(again.ids.isEmpty)
  }

  @Test("A file that was closed and became another one meanwhile is read from its start")
  func otherClosedFile() throws {
    let scratch = try Scratch()
    let numbers = 100..<170
    let paths = try numbers.map { try scratch.file("\($0).log", Self.line($0)) }
    let follower = try Follower([scratch.path], try shipped("generic-jsonl"))
    try follower.read()
    #expect(follower.ids.count == numbers.count)
    for (number, path) in zip(numbers, paths) {
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.write(contentsOf: Data((Self.line(number + 100) + Self.line(number + 200)).utf8))
      try handle.close()
    }
    try follower.read()
    // 64 files stay open, and what is open cannot become another one.
    let others = follower.reader.drainNotices()
    #expect(others.count == 6)
    #expect(
      others.allSatisfy { $0.hasSuffix(" is not the file that was read before: from its start") })
    #expect(follower.ids.count == 2 * numbers.count + 6)
  }

  @Test("Events of several files carry the name of their own file, and their own columns")
  func fileNames() throws {
    let scratch = try Scratch()
    let paths = try [
      scratch.file("a.csv", "timestamp,value\n2014-04-10 16:15:00,1\n"),
      scratch.file("b.csv", "value,timestamp\n2,2014-04-10 16:15:00\n"),
    ]
    let interner = Interner()
    let reader = try FollowingReader(
      inputs: paths, mapping: try shipped("nab"), interner: interner)
    let batches = try [[], [("more", FieldType.text)]].map {
      EventBatch(schema: try Schema(reader.fields + $0))
    }
    var read: [String] = []
    for round in 0..<4 {
      let batch = batches[round / 2]
      while try reader.next(into: batch, waitMilliseconds: 350) {
        for row in 0..<batch.count {
          let record = batch.record(row, interner: interner)
          read.append("\(record.text("series") ?? "") \(record.number("value") ?? 0)")
        }
      }
      try append("2014-04-10 16:20:00,\(3 + 2 * round)\n", to: paths[0])
      try append("\(4 + 2 * round),2014-04-10 16:20:00\n", to: paths[1])
    }
    #expect(read.sorted() == (1...8).map { "\($0 % 2 == 1 ? "a" : "b") \(Double($0))" }.sorted())
    #expect(reader.statistics.deadLetters.isEmpty)
  }

  @Test("Files that arrive in a folder are read once each, compressed ones too, also when renamed")
  func folder() throws {
    let scratch = try Scratch()
    let folder = scratch.path + "/in"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let follower = try Follower([folder], try shipped("generic-jsonl"))
    try follower.read(quietMilliseconds: 50)
    #expect(follower.ids.isEmpty)
    _ = try scratch.file("in/a.jsonl", Self.line(0) + Self.line(1))
    _ = try scratch.file(".hidden", Self.line(9))
    try follower.read()
    _ = try scratch.file("in/b.jsonl", Self.line(2))
    try move(folder + "/a.jsonl", folder + "/c.jsonl")
    let packed = try scratch.file("d.jsonl", Self.line(3) + Self.line(4))
    try Process.run(URL(fileURLWithPath: "/usr/bin/env"), arguments: ["gzip", packed])
      .waitUntilExit()
    try move(packed + ".gz", folder + "/d.jsonl.gz")
    try follower.read(quietMilliseconds: 1000)
    #expect(follower.ids == ["e0", "e1", "e2", "e3", "e4"])
  }

  @Test("A file that is cut short is read from its start, and that is told")
  func truncation() throws {
    let scratch = try Scratch()
    let path = try scratch.file("app.log", Self.line(0) + Self.line(1))
    let follower = try Follower([path], try shipped("generic-jsonl"))
    try follower.read()
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(Self.line(2).utf8))
    try handle.close()
    try follower.read()
    #expect(follower.ids == ["e0", "e1", "e2"])
    #expect(follower.reader.drainNotices() == ["\(path) was cut short: it is read from its start"])
    #expect(follower.reader.drainNotices().isEmpty)
  }

  @Test(
    "From the place after any batch the rest comes out, nothing lost and nothing twice",
    arguments: ["generic-jsonl", "card-transactions", "sshd-auth"])
  func places(source: String) throws {
    let scratch = try Scratch()
    var random = SeededRandom(seed: 4)
    func text(_ range: Range<Int>, _ header: Bool) -> String {
      switch source {
      case "card-transactions":
        (header
          ? "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO\n"
          : "")
          + range.map { "\($0),2018-04-01 00:00:31,\($0 % 9),\"a\n\"\"b\",1.5,0,0\n" }.joined()
      case "sshd-auth":
        range.map { number in
          let month = ["Nov", "Dec", "Jan"][min(2, number / 20)]
          let message = "Failed password for u\(number) from 1.2.3.4 port 99 ssh2"
          let repeats = number % 4 == 0 ? "message repeated 5 times: [ \(message)]" : message
          return "\(month) 10 06:00:01 h sshd[1]: \(repeats)\n"
        }.joined()
      default: range.map { Self.line($0) }.joined()
      }
    }
    let first = try scratch.file("a.log", text(0..<40, true))
    let inputs = [first, scratch.path + "/b*.log"]
    _ = try scratch.file("b1.log", text(40..<60, true))
    let whole = try Follower(inputs, try shipped(source), capacity: 7)
    try whole.read(quietMilliseconds: 50)
    #expect(whole.ids.count == (source == "sshd-auth" ? 60 + 15 * 4 : 60))
    #expect(Set(whole.ids).count == whole.ids.count)
    for _ in 0..<8 {
      let (events, place) = whole.places[random.below(whole.places.count)]
      let kept = try #require(SourcePlace(json: try JSONValue.parse(place.json.serialized())))
      #expect(kept == place)
      let rest = try Follower(inputs, try shipped(source), capacity: 5, resuming: kept)
      try rest.read(quietMilliseconds: 50)
      let expected = Array(whole.ids[events...])
      #expect(rest.ids == expected)
    }
  }

  @Test("A place in a file that became another one starts that file from its beginning")
  func otherFile() throws {
    let scratch = try Scratch()
    let path = try scratch.file("app.log", Self.line(0) + Self.line(1))
    let follower = try Follower([path], try shipped("generic-jsonl"))
    try follower.read(quietMilliseconds: 50)
    // The same inode, other content of the same length.
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.write(contentsOf: Data((Self.line(7) + Self.line(8)).utf8))
    try handle.write(contentsOf: Data(Self.line(9).utf8))
    try handle.close()
    let again = try Follower(
      [path], try shipped("generic-jsonl"), resuming: follower.reader.place)
    try again.read(quietMilliseconds: 50)
    #expect(again.ids == ["e7", "e8", "e9"])
    #expect(
      again.reader.drainNotices() == [
        "\(path) is not the file that was read before: from its start"
      ])
  }

  @Test("What cannot be followed is refused, and a pattern without a match is named")
  func refusals() throws {
    let source = try shipped("generic-jsonl")
    #expect(
      failure { _ = try FollowingReader(inputs: ["-"], mapping: source, interner: Interner()) }
        == "standard input cannot be followed from a place (name files, folders or patterns)")
    #expect(
      failure { _ = try FollowingReader(inputs: [], mapping: source, interner: Interner()) }
        == "no input is named (name files, folders or patterns)")
    #expect(
      failure { _ = try InputPaths.expand(["/nowhere/*.log"]) }
        == "no file matches '/nowhere/*.log' (check the folder and the pattern)")
    #expect(SourcePlace(json: .null) == nil)
  }

  @Test("A pattern stands for every file that it matches, in order of names")
  func patterns() throws {
    let scratch = try Scratch()
    for name in ["b.jsonl", "a.jsonl", "c.txt"] {
      _ = try scratch.file(name, Self.line(name.utf8.count))
    }
    let odd = try scratch.file("x*y", Self.line(0))
    #expect(
      try InputPaths.expand([scratch.path + "/*.jsonl", odd]) == [
        scratch.path + "/a.jsonl", scratch.path + "/b.jsonl", odd,
      ])
    #expect(
      try readAll([scratch.path + "/?.jsonl"], try shipped("generic-jsonl")).records.count == 2)
  }

  @Test("Files that grew at the same time are read again in the same turns", arguments: 0..<8)
  func turns(round: Int) throws {
    var random = SeededRandom(seed: UInt64(round))
    let scratch = try Scratch()
    let paths = try (0..<3).map { try scratch.file("\($0).log", Self.line($0)) }
    let source = try shipped("generic-jsonl")
    let follower = try Follower(paths, source, capacity: 16)
    var number = 3
    var turns: [FollowingReader.Turn] = []
    for _ in 0..<12 {
      for _ in 0..<(1 + random.below(9)) {
        try append(Self.line(number), to: paths[random.below(3)])
        number += 1
      }
      try follower.read(quietMilliseconds: 20)
      turns += follower.reader.drainTurns()
    }
    #expect(turns.reduce(0) { $0 + $1.events } == number)
    let (events, place) = follower.places[random.below(follower.places.count)]
    // From a batch's border on, as a restart does; what follows the last turn is new.
    var rest: [FollowingReader.Turn] = []
    var before = 0
    for turn in turns {
      let left = min(turn.events, before + turn.events - events)
      if left > 0 { rest.append(FollowingReader.Turn(file: turn.file, events: left)) }
      before += turn.events
    }
    try append(Self.line(number), to: paths[0])
    let again = try Follower(paths, source, capacity: 7, resuming: place)
    again.reader.repeatTurns(rest)
    try again.read(quietMilliseconds: 50)
    #expect(again.ids == Array(follower.ids[events...]) + ["e\(number)"])
    #expect(!again.reader.isAstray)
  }

  @Test("Where a file of the turns is gone, the reader says so and goes on with what is there")
  func turnsAstray() throws {
    let scratch = try Scratch()
    let paths = try (0..<2).map { try scratch.file("\($0).log", Self.line($0)) }
    let again = try Follower([paths[1]], try shipped("generic-jsonl"))
    again.reader.repeatTurns([FollowingReader.Turn(file: "1-1", events: 4)])
    try again.read(quietMilliseconds: 50)
    #expect(again.ids == ["e1"])
    #expect(again.reader.isAstray)
    #expect(
      again.reader.drainNotices() == [
        "what was read before is not there any more: going on with what is"
      ])
  }
}
