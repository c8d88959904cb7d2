import CAllocationCount
import Detection
import Foundation
import Ingest
import Primitives
import Testing

@Suite("Reading sources")
struct ReaderTests {
  private static let header =
    "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO\n"

  @Test("A card transaction becomes a typed event, its ground truth a label and no field")
  func cardTransaction() throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "t.csv",
      Self.header
        + "7,2018-04-01 00:00:31,596,3156,57.16,1,2\n8,2018-04-01 00:02:10,4961,3412,81.51,0,0\n")
    let outcome = try readAll([path], try shipped("card-transactions"))
    #expect(
      outcome.records.first
        == EventRecord(
          time: Timestamp(seconds: 1_522_540_831), id: "7", source: "card-transactions",
          kind: "transaction",
          fields: [
            "card": .text("596"), "terminal": .text("3156"), "amount": .number(57.16),
            "currency": .text("EUR"),
          ], primaryField: "card"))
    #expect(
      outcome.labels == [
        Label(
          entityField: "card", entity: "596", start: Timestamp(seconds: 1_522_540_831),
          end: Timestamp(seconds: 1_522_540_831), type: "fraud", name: "compromised_terminal",
          severity: 5, knownAt: Timestamp(seconds: 1_522_540_831), eventID: "7")
      ])
    #expect(!outcome.fields.contains { $0.contains("fraud") })
  }

  @Test("CERT logon and logoff are two kinds; connect and disconnect belong to the device")
  func cert() throws {
    let scratch = try Scratch()
    let logon = try scratch.file(
      "logon.csv",
      "id,date,user,pc,activity\n{A},01/04/2010 06:49:00,NGF0157,PC-6056,Logon\n"
        + "{B},01/04/2010 17:00:00,NGF0157,PC-6056,Logoff\n{C},01/04/2010 17:00:00,NGF0157,PC-6056,Reboot\n"
    )
    let outcome = try readAll([logon], try shipped("cert-logon"))
    #expect(outcome.records.map(\.kind) == ["login", "logoff"])
    #expect(outcome.records[0].primaryEntity?.value == "NGF0157")
    #expect(outcome.records[0].time.description == "2010-01-04T06:49:00Z")
    #expect(outcome.letters.map(\.detail) == ["the kind 'Reboot' is not known"])
    let device = try scratch.file(
      "device.csv", "id,date,user,pc,activity\n{D},01/04/2010 06:49:00,NGF0157,PC-6056,Connect\n")
    let connected = try readAll([device], try shipped("cert-device")).records
    #expect(connected.map(\.kind) == ["connect"])
    #expect(connected[0].primaryEntity?.field == "device")
  }

  @Test("A kind may set fields, to a value or to that of another field, where that one is there")
  func kindSettings() throws {
    let scratch = try Scratch()
    let head =
      "{\"TimeCreated\":\"2026-03-02T09:00:00Z\",\"Hostname\":\"WS5\",\"SubjectUserName\":\"WS5$\""
    let path = try scratch.file(
      "security.jsonl",
      "\(head),\"TargetUserName\":\"ana\",\"EventID\":4625}\n"
        + "\(head),\"EventID\":4624,\"TargetUserName\":\"ana\"}\n\(head),\"EventID\":4624}\n"
        + "\(head),\"TargetUserName\":\"ana\",\"EventID\":4634}\n")
    let records = try readAll([path], try shipped("windows-events")).records
    #expect(records.map(\.kind) == ["login_failure", "login", "login", "logoff"])
    #expect(records.map { $0.fields["user"] } == ["ana", "ana", "WS5$", "WS5$"].map { .text($0) })
    #expect(
      records.map { $0.fields["outcome"] } == [
        .text("failure"), .text("success"), .text("success"), nil,
      ])
  }

  @Test("A kind may be parted by the value of another field")
  func kindSplits() throws {
    let scratch = try Scratch()
    let head =
      "{\"TimeCreated\":\"2026-03-02T09:00:00Z\",\"Hostname\":\"WS5\",\"TargetUserName\":\"ana\",\"EventID\":4624"
    let path = try scratch.file(
      "security.jsonl",
      "\(head),\"LogonType\":2}\n{\"LogonType\":3,\(head.dropFirst())}\n"
        + "\(head),\"LogonType\":\"5\"}\n\(head)}\n")
    let records = try readAll([path], try shipped("windows-events")).records
    #expect(records.map(\.kind) == ["login", "network_login", "program_login", "login"])
    #expect(records.allSatisfy { $0.fields["outcome"] == .text("success") })
    #expect(records.allSatisfy { $0.fields["user"] == .text("ana") })
  }

  @Test("What .evtx is made into, with System and EventData apart, is read like the event itself")
  func windowsParts() throws {
    let scratch = try Scratch()
    func event(_ id: String) -> String {
      "{\"Event\":{\"System\":{\"EventID\":\(id),\"Computer\":\"WS5\",\"TimeCreated\":{\"#attributes\":"
        + "{\"SystemTime\":\"2026-03-02T09:00:00.5Z\"}}},\"EventData\":{\"Image\":\"a.exe\",\"User\":\"ana\"}}}\n"
    }
    let path = try scratch.file(
      "e.jsonl", event("1") + event("\"7045\""))
    let outcome = try readAll([path], try shipped("windows-events"))
    #expect(
      outcome.letters.isEmpty && outcome.records.map(\.kind) == ["process", "service_installed"])
    #expect(outcome.records.allSatisfy { $0.fields["device"] == .text("WS5") })
    #expect(outcome.records.allSatisfy { $0.fields["process"] == .text("a.exe") })
  }

  @Test("A named pipe is opened once and read to its end", .timeLimit(.minutes(20)))
  func namedPipe() throws {
    let scratch = try Scratch()
    let text =
      Self.header + (0..<20_000).map { "\($0),2018-04-01 00:00:31,596,3156,5,0,0\n" }.joined()
    let file = try scratch.file("t.csv", text)
    let outcome = try readAll(
      [try scratch.pipe("p", from: file), file], try shipped("card-transactions"))
    #expect(outcome.records.count == 40_000)
    #expect(outcome.letters.isEmpty)
  }

  @Test("A metric's series is its file's name")
  func series() throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "ec2_cpu.csv", "timestamp,value\n2014-02-14 14:30:00,0.132\n2014-02-14 14:35:00,0.134\n")
    let outcome = try readAll([path], try shipped("nab"))
    #expect(outcome.records.map { $0.text("series") } == ["ec2_cpu", "ec2_cpu"])
    #expect(outcome.records[0].primaryEntity?.value == "ec2_cpu")
    #expect(outcome.records[0].id.count == 32)
    #expect(outcome.records[0].id != outcome.records[1].id)
  }

  @Test("Messages of sshd become logins; a repeated message counts as often as it says")
  func sshd() throws {
    let scratch = try Scratch()
    let head = "Mar 29 06:00:0"
    let lines = [
      "\(head)1 h sshd[1]: Accepted publickey for ubuntu from 85.1.1.1 port 54259 ssh2: RSA SHA256:K",
      "\(head)2 h sshd[1]: Failed password for invalid user admin from 1.2.3.4 port 22 ssh2",
      "\(head)3 h sshd[1]: message repeated 3 times: [ Failed password for root from 1.2.3.4 port 99 ssh2]",
      "\(head)4 h sshd[1]: Connection closed by 1.2.3.4 port 1 [preauth]",
      "\(head)5 h CRON[5]: pam_unix(cron:session): session opened for user root by (uid=0)",
      "\(head)6 h sshd[1]: Server listening on :: port 22.",
      "\(head)7 h sshd[1]: Failed password for a from 9.9.9.9 port 1 ssh2 from 1.2.3.4 port 7 ssh2",
      "not a syslog line at all",
    ]
    let path = try scratch.file("auth.log", lines.joined(separator: "\n"))
    let outcome = try readAll([path], try shipped("sshd-auth"))
    #expect(
      outcome.records.map {
        "\($0.kind) \($0.text("user") ?? "-") \($0.text("src_ip") ?? "-") \($0.text("outcome") ?? "-")"
      }
        == [
          "login ubuntu 85.1.1.1 success", "login admin 1.2.3.4 failure",
          "login root 1.2.3.4 failure", "login root 1.2.3.4 failure", "login root 1.2.3.4 failure",
          "disconnect - 1.2.3.4 -", "login a from 9.9.9.9 port 1 ssh2 1.2.3.4 failure",
        ])
    #expect(Set(outcome.records.map(\.id)).count == 7)
    #expect(outcome.records[0].number("port") == 54259)
    #expect(outcome.records[5].primaryEntity?.field == "src_ip")
    #expect(outcome.statistics.ignored == 2)
    #expect(outcome.letters.map(\.reason) == [.notSyslog])
    // A line of many copies goes on in the next batch.
    let small = try readAll([path], try shipped("sshd-auth"), capacity: 1)
    #expect(small.records == outcome.records)
  }

  @Test(
    "Keys that no mapping names become fields, nested ones joined, and types settle on what fits all"
  )
  func generic() throws {
    let scratch = try Scratch()
    let lines = [
      #"{"time":"2026-03-01T14:00:00Z","id":"a","source":"s1","kind":"login","user":"ana","geo":{"city":"Rome","lat":41.9},"mfa":true,"mixed":1}"#,
      #"{"ts":1772373600000,"kind":"transaction","card":"c1","amount":"12.5","mixed":"x","is_fraud":1,"fraud_reason":"velocity"}"#,
      #"{"timestamp":1772373601,"event_type":"metric","series":"cpu","value":0.5,"tags":["a"],"sourceIPAddress":"1.1.1.1"}"#,
      #"{"id":"no time"}"#, "{broken", "[1]",
    ]
    let path = try scratch.file("e.jsonl", lines.joined(separator: "\n"))
    let outcome = try readAll([path], try shipped("generic-jsonl"))
    let records = outcome.records
    #expect(records.map(\.kind) == ["login", "transaction", "metric"])
    #expect(records.map(\.source) == ["s1", "generic-jsonl", "generic-jsonl"])
    #expect(records.map { $0.primaryEntity?.field } == ["user", "card", "series"])
    #expect(records[0].fields["geo_city"] == .text("Rome"))
    #expect(records[0].fields["geo_lat"] == .number(41.9))
    #expect(records[0].fields["mfa"] == .flag(true))
    #expect(records[0].fields["mixed"] == .text("1"))
    #expect(records[1].fields["amount"] == .number(12.5))
    #expect(records[1].time.description == "2026-03-01T14:00:00Z")
    #expect(records[2].text("src_ip") == "1.1.1.1")
    #expect(outcome.labels.map(\.name) == ["velocity"])
    #expect(!outcome.fields.contains("is_fraud") && !outcome.fields.contains("fraud_reason"))
    #expect(outcome.letters.map(\.reason) == [.missingTime, .badJSON, .badJSON])
    #expect(outcome.letters.map(\.line) == [4, 5, 6])
    #expect(outcome.letters[1].detail == "not JSON at byte 2: a key in quotes should stand here")
    #expect(outcome.letters[2].detail == "not JSON at byte 1: the line is not a JSON object")
  }

  @Test("Event lines read back equal through their own source and through the generic one")
  func canonical() throws {
    let events = [
      EventRecord(
        time: Timestamp(microseconds: 1_522_540_831_000_250), id: "a\"1",
        source: "card-transactions",
        kind: "transaction",
        fields: [
          "card": .text("596"), "amount": .number(57.16), "terminal": .text("t\n é😀"),
          "extra": .number(-3), "odd": .flag(true),
        ], primaryField: "card"),
      EventRecord(
        time: Timestamp(seconds: 1_522_540_900), id: "2", source: "card-transactions",
        kind: "transaction", fields: ["terminal": .text("9")], primaryField: "terminal",
        zoneOffsetSeconds: 0),
    ]
    #expect(
      EventWriter.line(events[0])
        == #"{"time":"2018-04-01T00:00:31.000250Z","id":"a\"1","source":"card-transactions","kind":"transaction","amount":57.16,"card":"596","extra":-3,"odd":true,"terminal":"t\n é😀"}"#
    )
    let scratch = try Scratch()
    let path = try scratch.file(
      "e.jsonl", events.map { EventWriter.line($0) + "\n" }.joined())
    #expect(try readAll([path], try shipped("card-transactions")).records == events)
    let generic = try readAll([path], try shipped("generic-jsonl")).records
    #expect(generic.map(\.fields) == events.map(\.fields))
    #expect(generic.map(\.source) == events.map(\.source))
    #expect(
      failure { _ = try readAll([path], try shipped("nab")) }
        == "'\(path)' holds events of source 'card-transactions', not 'nab' (use --source card-transactions, or --source generic-jsonl for a mix)"
    )
  }

  @Test("A time with an offset keeps it on the way through an event line")
  func offset() throws {
    let event = EventRecord(
      time: Timestamp(seconds: 1_772_373_600), id: "1", source: "s", kind: "login",
      fields: ["user": .text("ana")], primaryField: "user", zoneOffsetSeconds: -12_600)
    #expect(EventWriter.line(event).contains(#""time":"2026-03-01T10:30:00-03:30""#))
    let scratch = try Scratch()
    let path = try scratch.file("e.jsonl", EventWriter.line(event))
    #expect(try readAll([path], try shipped("generic-jsonl")).records == [event])
  }

  @Test("Numbers of an event line are short, whole ones without a point")
  func numbers() {
    func text(_ number: Double) -> String {
      EventWriter.line(
        EventRecord(
          time: Timestamp(seconds: 0), id: "1", source: "s", kind: "k",
          fields: ["x": .number(number)])
      ).split(separator: "\"x\":").last.map { String($0.dropLast()) } ?? ""
    }
    #expect(
      [1, -0.0, 0.1, 1e21, 9_007_199_254_740_991, 5e-300, -2.5].map(text)
        == ["1", "-0.0", "0.1", "1e+21", "9007199254740991", "5e-300", "-2.5"])
  }

  @Test(
    "A file cut into ten gives the same events, ids, labels and counts, with headers or without")
  func split() throws {
    let scratch = try Scratch()
    var random = SeededRandom(seed: 10)
    let lines = (0..<1000).map { index in
      let fraud = random.next() % 50 == 0
      let amount = random.next() % 40 == 0 ? "oops" : "\(Double(random.next() % 10_000) / 100)"
      return
        ",2018-04-\(10 + index / 100) 00:00:\(10 + index % 50),\(random.next() % 9),\(random.next() % 5),\(amount),\(fraud ? 1 : 0),\(fraud ? 3 : 0)"
    }
    let whole = try scratch.file("whole.csv", Self.header + lines.joined(separator: "\n") + "\n")
    let expected = try readAll([whole], try shipped("card-transactions"))
    #expect(expected.records.count + expected.letters.count == 1000)
    #expect(expected.letters.count > 5)
    for (name, repeatsHeader) in [("h", true), ("n", false)] {
      let parts = try (0..<10).map { part in
        try scratch.file(
          "\(name)\(part).csv",
          (repeatsHeader || part == 0 ? Self.header : "")
            + lines[(part * 100)..<(part * 100 + 100)].joined(separator: "\r\n"))
      }
      let outcome = try readAll(parts, try shipped("card-transactions"), capacity: 7)
      #expect(outcome.records == expected.records)
      #expect(outcome.labels == expected.labels)
      #expect(outcome.statistics == expected.statistics)
    }
  }

  @Test(
    "Every event knows its file, its line and its first byte, also behind records of several lines")
  func origins() throws {
    let scratch = try Scratch()
    let first = try scratch.file(
      "a.csv",
      "\u{FEFF}" + Self.header + "1,2018-04-01 00:00:31,\"5\n9\",1,2.5,0,0\n\nbad\n"
        + "2,2018-04-01 00:00:32,5,1,2.5,0,0\n")
    let second = try scratch.file("b.csv", Self.header + "3,2018-04-01 00:00:33,5,1,2.5,0,0\n")
    let interner = Interner()
    let reader = try Reader(
      inputs: [first, second], mapping: try shipped("card-transactions"), interner: interner)
    let batch = EventBatch(schema: reader.schema, capacity: 8)
    #expect(try reader.next(into: batch))
    let origins = (0..<batch.count).map { batch.origins[$0] }
    #expect(origins.map { interner.text(of: $0.file) } == [first, first, second])
    #expect(origins.map(\.line) == [2, 6, 2])
    let header = Int64(Self.header.utf8.count)
    #expect(origins.map(\.byteOffset) == [header + 3, header + 3 + 43, header])
    batch.remove([0])
    #expect(batch.origins[0].line == 6)
    #expect((0..<batch.count).map { batch.id($0) } == ["2", "3"])
  }

  @Test("A batch of a larger schema is filled, and what it lacks is left out")
  func largerSchema() throws {
    let scratch = try Scratch()
    let path = try scratch.file("t.csv", Self.header + "7,2018-04-01 00:00:31,596,3156,57.16,0,0\n")
    let interner = Interner()
    let reader = try Reader(
      inputs: [path], mapping: try shipped("card-transactions"), interner: interner)
    let schema = try Schema([
      ("user", .text), ("terminal", .text), ("amount", .number), ("value", .number),
    ])
    let batch = EventBatch(schema: schema, capacity: 4)
    #expect(try reader.next(into: batch))
    #expect(
      batch.record(0, interner: interner).fields == [
        "terminal": .text("3156"), "amount": .number(57.16),
      ])
    #expect(batch.record(0, interner: interner).primaryField == "terminal")
    #expect(try !reader.next(into: batch))
  }

  @Test(
    "Events of every format are read without allocating",
    .enabled(
      if: allocation_count() >= 0 && !isDebugBuild,
      "unoptimised code boxes values, and a sanitizer owns the heap"),
    arguments: ["card-transactions", "generic-jsonl", "sshd-auth"])
  func allocations(source: String) throws {
    let scratch = try Scratch()
    let lines = (0..<20_000).map { index in
      switch source {
      case "card-transactions":
        "\(index % 9 == 0 ? "\"\(index)\"" : "\(index)"),2018-04-01 00:00:31,\(index % 90),\(index % 70),\(index % 50).25,0,0"
      case "generic-jsonl":
        #"{"time":"2026-03-01T14:00:00Z","kind":"login","user":"u\#(index % 90)\u00e9","geo":{"lat":\#(index).5},"ok":true}"#
      default:
        "Mar 29 06:00:01 h sshd[1]: Failed password for u\(index % 90) from 1.2.3.4 port 99 ssh2"
      }
    }
    let header = source == "card-transactions" ? Self.header : ""
    let path = try scratch.file("f", header + lines.joined(separator: "\n"))
    let interner = Interner()
    let reader = try Reader(inputs: [path], mapping: try shipped(source), interner: interner)
    let batch = EventBatch(schema: reader.schema, capacity: 1000)
    var counts: [Int] = []
    while try reader.next(into: batch) { counts.append(allocation_count()) }
    #expect(counts.count == 20)
    // A few a batch for its own bookkeeping; the first batches also grow buffers.
    let perBatch = zip(counts.dropFirst(4), counts.dropFirst(3)).map { $0 - $1 }
    #expect(perBatch.allSatisfy { $0 < 20 }, "\(perBatch)")
  }
}
