import CAllocationCount
import Detection
import Foundation
import Ingest
import Primitives
import Testing

@Suite("Hostile input")
struct HostileInputTests {
  private static let header =
    "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO\n"
  private static func good(_ id: Int) -> String { "\(id),2018-04-01 00:00:31,596,3156,57.16,0,0" }

  @Test("Every kind of bad row is set aside with its line, offset, reason and bytes")
  func deadLetters() throws {
    let scratch = try Scratch()
    let rows: [(text: String, reason: DeadLetter.Reason, detail: String)] = [
      ("1,,596,3156,57.16,0,0", .missingTime, "the time is missing"),
      ("1,2018-02-30 00:00:00,596,3156,57.16,0,0", .badTime, "the time cannot be read"),
      ("1,2018-04-01 00:00:31,596,3156,abc,0,0", .badNumber, "'TX_AMOUNT' is not a number"),
      ("1,2018-04-01 00:00:31,596,3156,,0,0", .missingValue, "'TX_AMOUNT' is missing"),
      ("1,2018-04-01 00:00:31,,3156,5,0,0", .missingValue, "'CUSTOMER_ID' is missing"),
      ("1,2018-04-01 00:00:31,596,3156,5,0", .columnCount, "6 columns instead of 7"),
      ("1,2018-04-01 00:00:31,596,3156,5,0,0,9", .columnCount, "8 columns instead of 7"),
      ("1", .columnCount, "1 column instead of 7"),
      ("1,2018-04-01 00:00:31,\"5\"6,3156,5,0,0", .badQuotes, "text follows a closing quote"),
      ("1,2018-04-01 00:00:31,59\u{0}6,3156,5,0,0", .nulByte, "the record holds a NUL byte"),
    ]
    // The NUL stands beyond the first block, which would make the file no text at all.
    let filler = (0..<3000).map(Self.good)
    var lines = filler
    for row in rows { lines += [row.text, Self.good(9)] }
    let text = Self.header + lines.joined(separator: "\n")
    let path = try scratch.file("t.csv", text)
    let outcome = try readAll([path], try shipped("card-transactions"))
    #expect(outcome.letters.map(\.reason) == rows.map(\.reason))
    #expect(outcome.letters.map(\.detail) == rows.map(\.detail))
    #expect(outcome.letters.map { String(decoding: $0.raw, as: UTF8.self) } == rows.map(\.text))
    #expect(outcome.letters.map(\.line) == rows.indices.map { 3002 + 2 * $0 })
    for letter in outcome.letters {
      let start = Array(text.utf8).index(0, offsetBy: Int(letter.byteOffset))
      #expect(Array(text.utf8)[start..<start + letter.raw.count].elementsEqual(letter.raw))
    }
    #expect(outcome.records.count == filler.count + rows.count)
    #expect(
      outcome.statistics.records == outcome.statistics.events + outcome.statistics.deadLetterCount)
  }

  @Test("One stray quote costs one line")
  func strayQuote() throws {
    let scratch = try Scratch()
    let lines = [
      Self.good(1), "2,2018-04-01 00:00:31,\"596,3156,57.16,0,0", Self.good(3), Self.good(4),
    ]
    let path = try scratch.file("t.csv", Self.header + lines.joined(separator: "\n"))
    let outcome = try readAll([path], try shipped("card-transactions"))
    #expect(outcome.records.map(\.id) == ["1", "3", "4"])
    #expect(outcome.letters.map(\.detail) == ["a quote is not closed"])
    #expect(outcome.letters.map(\.line) == [3])
  }

  @Test(
    "Lines that each open a quote anew cost one look each, not one up to the record limit",
    .timeLimit(.minutes(20)))
  func manyStrayQuotes() throws {
    let scratch = try Scratch()
    let count = 60_000
    let path = try scratch.file(
      "t.csv", Self.header + String(repeating: "x\",\"\n", count: count) + Self.good(1) + "\n")
    let outcome = try readAll([path], try shipped("card-transactions"))
    #expect(outcome.records.map(\.id) == ["1"])
    #expect(outcome.letters.map(\.line) == Array(2..<(count + 2)))
    #expect(outcome.letters.allSatisfy { $0.reason == .badQuotes })
  }

  @Test("After a stray quote a record whose quotes hold a line break is read whole")
  func quotesAfterStrayQuote() throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "t.csv",
      Self.header + "2,2018-04-01 00:00:31,\"596,3156,57.16,0,0\n" + Self.good(3) + "\n"
        + "4,2018-04-01 00:00:31,596,\"a\nb\",57.16,0,0\n" + Self.good(5) + "\n")
    let outcome = try readAll([path], try shipped("card-transactions"))
    #expect(outcome.records.map(\.id) == ["3", "4", "5"])
    #expect(outcome.records.map { $0.text("terminal") } == ["3156", "a\nb", "3156"])
    #expect(outcome.letters.map(\.line) == [2])
  }

  @Test(
    "A record whose quotes stay open beyond the record limit has broken quotes, however it comes")
  func quotesBeyondLimit() throws {
    let scratch = try Scratch()
    let long = String(repeating: String(repeating: "y", count: 999) + "\n", count: 1200)
    let start = Self.header + Self.good(1) + "\n2,2018-04-01 00:00:31,\""
    let path = try scratch.file("t.csv", start + long + "\",3156,5,0,0\n" + Self.good(3) + "\n")
    let outcome = try readAll([path], try shipped("card-transactions"))
    #expect(outcome.records.map(\.id) == ["1", "3"])
    #expect(outcome.letters.map(\.line) == Array(3...1203))
    #expect(outcome.letters.first?.reason == .badQuotes)
  }

  @Test("Bytes that are not UTF-8 come out in base64")
  func encoding() throws {
    let scratch = try Scratch()
    let bytes =
      Array((Self.header + "1,2018-04-01 00:00:31,").utf8) + [0xFF, 0xFE]
      + Array(",3156,57.16,0,0\n".utf8)
    let path = try scratch.file("t.csv", bytes)
    let interner = Interner()
    let out = scratch.path + "/dead-letters.jsonl"
    let file = try DeadLetterFile(path: out)
    let reader = try Reader(
      inputs: [path], mapping: try shipped("card-transactions"), interner: interner,
      deadLetters: file.write)
    #expect(try !reader.next(into: EventBatch(schema: reader.schema)))
    try file.close()
    let text = try String(contentsOfFile: out, encoding: .utf8)
    #expect(
      text
        == #"{"file":"\#(path)","line":2,"byte_offset":88,"reason":"invalid_utf8","detail":"the record is not UTF-8","raw_base64":"MSwyMDE4LTA0LTAxIDAwOjAwOjMxLP/+LDMxNTYsNTcuMTYsMCww"}"#
        + "\n")
    #expect(file.count == 1)
  }

  @Test("A line of 20 MiB is skipped without being held")
  func longLine() throws {
    let scratch = try Scratch()
    let long = [UInt8](repeating: 0x61, count: 20 << 20)
    for (name, source, start) in [
      ("t.csv", "card-transactions", Self.header + Self.good(1) + "\n"),
      ("t.jsonl", "generic-jsonl", "{\"time\":1712000000,\"id\":\"1\"}\n"),
    ] {
      let end = name == "t.csv" ? "\n" + Self.good(2) : "\n{\"time\":1712000000,\"id\":\"2\"}"
      let path = try scratch.file(name, Array(start.utf8) + long + Array(end.utf8))
      let outcome = try readAll([path], try shipped(source))
      #expect(outcome.records.map(\.id) == ["1", "2"])
      #expect(outcome.letters.map(\.reason) == [.tooLong])
      #expect(outcome.letters.map(\.detail) == ["the record is longer than 1048576 bytes"])
      #expect(outcome.letters.map(\.raw.count) == [1024])
    }
  }

  @Test("Strict reading stops at the first bad row, after the events before it")
  func strict() throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "t.csv", Self.header + Self.good(1) + "\n2,,596,3156,57.16,0,0\n" + Self.good(3))
    var options = Reader.Options()
    options.isStrict = true
    let interner = Interner()
    let reader = try Reader(
      inputs: [path], mapping: try shipped("card-transactions"), interner: interner,
      options: options)
    let batch = EventBatch(schema: reader.schema)
    #expect(try reader.next(into: batch))
    #expect(batch.count == 1)
    #expect(
      failure { _ = try reader.next(into: batch) }
        == "\(path):3: the time is missing (correct it, or leave --strict out to set such records aside)"
    )
  }

  @Test("What cannot be opened or is no text is told in a sentence")
  func unreadable() throws {
    let scratch = try Scratch()
    func message(_ name: String, _ text: String? = nil) throws -> String {
      if let text { _ = try scratch.file(name, text) }
      return failure {
        _ = try readAll([scratch.path + "/" + name], try shipped("card-transactions"))
      }
      .replacing(scratch.path + "/", with: "")
    }
    #expect(try message("x.csv") == "cannot read 'x.csv': no such file (check the path)")
    #expect(
      failure { _ = try readAll([scratch.path], try shipped("nab")) }
        == "cannot read '\(scratch.path)': it is a directory (name the files in it)")
    #expect(
      try message("empty.csv", "")
        == "'empty.csv' is empty (leave it out or check how it was made)")
    #expect(
      try message("bin.csv", "a,b\u{0}c\n")
        == "'bin.csv' does not look like csv: it holds NUL bytes (text should be UTF-8, plain, .gz or .zst)"
    )
    #expect(
      try message("h.csv", "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMT\n1,2,3,4,5\n")
        == "h.csv:1: column 'TX_AMOUNT' of source 'card-transactions' is missing, did you mean 'TX_AMT'?"
    )
    #expect(
      try message("d.csv", Self.header.replacing("TERMINAL_ID", with: "CUSTOMER_ID"))
        == "d.csv:1: column 'CUSTOMER_ID' comes twice (keep one)")
    #expect(
      try message("x.csv.gz", "plain") == "'x.csv.gz' is not gzip data (check how it was made)")
    #expect(
      try message("x.csv.zst", "plain") == "'x.csv.zst' is not zstd data (check how it was made)")
    #expect(
      failure { _ = try readAll([], try shipped("nab")) }
        == "no input is named (name files, or - for standard input)")
  }

  /// Compresses with the system's own tool.
  private func packed(_ path: String, _ tool: String, _ arguments: [String] = []) throws -> [UInt8]
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [tool] + arguments + ["-c", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(data)
  }

  @Test("Compressed files read as plain ones, also of several parts", arguments: ["gzip", "zstd"])
  func compressed(tool: String) throws {
    let scratch = try Scratch()
    let lines = (0..<20_000).map(Self.good)
    let first = try scratch.file(
      "a.csv", Self.header + lines[..<9000].joined(separator: "\n") + "\n")
    let second = try scratch.file("b.csv", lines[9000...].joined(separator: "\n"))
    let level = tool == "zstd" ? ["--long=27"] : []
    let bytes = try packed(first, tool, level) + packed(second, tool, level)
    let whole = try scratch.file("c.bin", bytes)
    let outcome = try readAll([whole], try shipped("card-transactions"))
    #expect(outcome.records.count == 20_000)
    #expect(
      outcome.records == (try readAll([first, second], try shipped("card-transactions"))).records)
    let cut = try scratch.file("cut.bin", Array(bytes.dropLast(9)))
    #expect(
      failure { _ = try readAll([cut], try shipped("card-transactions")) }
        == "'\(cut)' is truncated: its \(tool) data end too early (copy it again)")
    var damaged = bytes
    for index in 60..<90 { damaged[index] ^= 0x55 }
    let broken = try scratch.file("broken.bin", damaged)
    #expect(
      failure { _ = try readAll([broken], try shipped("card-transactions")) }
        .hasPrefix("'\(broken)' is damaged: its \(tool) data are not valid"))
  }

  @Test("A compressed file is refused or read, never a crash, wherever it is cut")
  func cuts() throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "a.csv", Self.header + (0..<40).map(Self.good).joined(separator: "\n"))
    for tool in ["gzip", "zstd"] {
      let bytes = try packed(path, tool)
      for length in stride(from: 1, to: bytes.count, by: 7) {
        let cut = try scratch.file("cut.bin", Array(bytes[..<length]))
        let message = failure { _ = try readAll([cut], try shipped("card-transactions")) }
        #expect(message != "no failure", "\(tool) cut at \(length)")
      }
    }
  }

  @Test("A bomb of one gigabyte in one line is one dead letter in little memory")
  func bomb() throws {
    let scratch = try Scratch()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c",
      "(printf '%s' \"$0\"; head -c 1073741824 /dev/zero | tr '\\0' 'a'; printf '\\n%s' \"$1\") | gzip -1 > \"$2\"",
      Self.header, Self.good(1), scratch.path + "/bomb.csv.gz",
    ]
    try process.run()
    process.waitUntilExit()
    _ = allocation_largest()
    let outcome = try readAll([scratch.path + "/bomb.csv.gz"], try shipped("card-transactions"))
    #expect(outcome.records.map(\.id) == ["1"])
    #expect(outcome.letters.map(\.reason) == [.tooLong])
    #expect(allocation_largest() <= 16 << 20, "the largest buffer, in bytes")
  }

  @Test("Random bytes and random damage end in events, dead letters or a failure")
  func fuzz() throws {
    let scratch = try Scratch()
    var random = SeededRandom(seed: 99)
    let numbers = ["9223372036854.9", "9223372036854775.9", "-9223372036854.75e0", "1772373600.5"]
    let times = ["epoch_seconds", "epoch_milliseconds", "seconds_since, base: 2013-09-01"].map {
      "id: t\nformat: jsonl\ntime: { column: time, format: \($0) }\nkind: k\n"
    }
    var texts = try times.map { text in
      (
        try #require(SourceMapping.read(text, file: "t.yaml").mapping),
        numbers.map { "{\"time\":\($0)}\n{\"time\":\"\($0)\"}\n" }.joined()
      )
    }
    texts += try [
      ("card-transactions", Self.header + (0..<20).map(Self.good).joined(separator: "\n")),
      (
        "generic-jsonl",
        #"{"time":"2026-03-01T14:00:00Z","kind":"login","user":"a\u00e9","geo":{"x":[1,{"y":2}]}}"#
          + "\n" + #"{"ts":1772373600,"amount":1e3}"# + "\n"
      ),
      (
        "sshd-auth",
        "Mar 29 06:00:01 h sshd[1]: message repeated 3 times: [ Failed password for root from 1.2.3.4 port 99 ssh2]\n"
      ),
    ].map { (try shipped($0), $1) }
    for round in 0..<(1500 * effort) {
      let (source, text) = texts[round % texts.count]
      var bytes = Array(text.utf8)
      for _ in 0..<(1 + Int(random.next() % 6)) {
        if bytes.isEmpty { bytes = [0x30] }
        let at = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(Array("\",\n\\{}[]:0e-".utf8)[Int(random.next() % 12)], at: at)
        default: bytes = Array(bytes[..<max(1, at)])
        }
      }
      let path = try scratch.file("f", bytes)
      do {
        let outcome = try readAll([path], source)
        let seen = outcome.statistics
        #expect(seen.records <= seen.events + seen.deadLetterCount + seen.ignored)
        #expect(outcome.records.allSatisfy { !$0.id.isEmpty && !$0.kind.isEmpty })
      } catch is Failure {
      }
    }
  }
}
