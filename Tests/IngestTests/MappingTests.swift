import Detection
import Foundation
import Ingest
import Primitives
import Testing

@Suite("Source mappings")
struct MappingTests {
  private func problems(_ text: String) -> [String] {
    SourceMapping.read(text, file: "s.yaml").problems.map(\.description)
  }

  @Test("All shipped sources are good")
  func shippedSources() throws {
    #expect(
      try MappingFolder(sources).mappings.map(\.id) == [
        "card-transactions", "cert-device", "cert-logon", "cloudtrail", "creditcard",
        "dead-letters",
        "generic-jsonl", "ieee-cis", "nab", "sparkov", "sshd-auth", "windows-events",
      ])
    let ieee = try shipped("ieee-cis")
    #expect(ieee.columns.filter { $0.field.hasPrefix("v") }.count == 339)
    #expect(ieee.columns.contains { $0.name == "id_01" && $0.field == "id_01" })
    #expect(ieee.combinations.map(\.field) == ["card"])
    #expect(ieee.combinations.first?.columns == ["card1", "addr1"])
  }

  @Test("What a kind sets is a text field, and what it is set to one that is there")
  func kindSettings() {
    let head =
      "id: s\nformat: jsonl\ntime: { column: t }\ncolumns: { user_name: text, n: number }\n"
    #expect(
      problems(head + "kind: { column: k, set: { login: { b: \"{user_name}\", user_name: x } } }\n")
        == [])
    #expect(
      problems(head + "kind: { column: k, set: { login: { b: \"{user_nme}\", n: x } } }\n") == [
        "s.yaml:5: kind 'login' sets 'b' and 'user_nme' is no text field (did you mean 'user_name'?)",
        "s.yaml:5: kind 'login' sets 'n' and 'n' is no text field",
      ])
  }

  @Test("A kind is parted by a text field that is there")
  func kindSplits() {
    let head =
      "id: s\nformat: jsonl\ntime: { column: t }\ncolumns: { user_name: text, n: number }\n"
    #expect(
      problems(
        head + "kind: { column: k, split: { login: { by: user_name, values: { a: b } } } }\n")
        == [])
    #expect(
      problems(head + "kind: { column: k, split: { login: { by: n, values: { a: b } } } }\n") == [
        "s.yaml:5: kind 'login' is split by 'n', which is no text field"
      ])
    #expect(
      problems(head + "kind: { column: k, split: { login: { by: n } } }\n") == [
        "s.yaml:5: 'split' of 'login' needs 'by' and 'values'"
      ])
  }

  @Test("One bad file stops its own source only")
  func oneBadFile() throws {
    let scratch = try Scratch()
    _ = try scratch.file(
      "good.yaml", "id: good\nformat: jsonl\ntime: { column: time }\nkind: login\n")
    let bad = try scratch.file("bad.yaml", "id: bad\nformat: [jsonl\n")
    let folder = try MappingFolder(scratch.path)
    #expect(folder.mappings.map(\.id) == ["good"])
    #expect(folder.broken.map(\.id) == ["bad"])
    #expect(folder.broken[0].failure.description.hasPrefix("\(bad):"))
  }

  @Test("All problems of a file are told at once, with lines and what was meant")
  func allProblems() {
    #expect(
      problems(
        """
        id: My Source
        format: cvs
        tme: { column: t }
        kind: login
        columns:
          a: { type: nubmer }
          V9..V1: number
          time: text
          b: { feild: x }
        entities: [usr]
        truth: { column: b, severity: 9, type: frod }
        """) == [
          "s.yaml:3: unknown key 'tme' in a source (did you mean 'time'?)",
          "s.yaml:1: 'My Source' is not a source id: lower-case letters, digits and '-', a letter first",
          "s.yaml:2: unknown format 'cvs' (did you mean 'csv'?)",
          "s.yaml:1: 'time' is missing",
          "s.yaml:6: unknown type 'nubmer' (did you mean 'number'?)",
          "s.yaml:7: 'V9..V1' is not a range such as V1..V28",
          "s.yaml:8: 'time' is a part of every event and cannot be a field",
          "s.yaml:9: unknown key 'feild' in column 'b' (did you mean 'field'?)",
          "s.yaml:11: 'severity' should be 1 to 5",
          "s.yaml:11: unknown label type 'frod' (known are fraud, anomaly)",
          "s.yaml:10: entity 'usr' is no field of the source",
          "s.yaml:11: ground truth 'b' is also a field (take it out of 'columns')",
        ])
  }

  @Test(
    "A wrong part is told in a sentence",
    arguments: [
      ("", "s.yaml: the file is empty (start with 'id:' and 'format:')"),
      ("- a\n", "s.yaml:1: the file should hold keys and values, such as 'id: my-source'"),
      ("id: a\nid: b\n", "s.yaml:1: 'id' is given twice (keep one)"),
      (
        "id: a\nformat: csv\nkind: k\ntime: { column: t, zone: Mars/Base }\n",
        "s.yaml:4: unknown time zone 'Mars/Base' (use an IANA name such as Europe/Berlin)"
      ),
      (
        "id: a\nformat: csv\nkind: k\ntime: { column: t, format: seconds_since }\n",
        "s.yaml:4: 'base' should be a time such as 2013-09-01T00:00:00Z"
      ),
      (
        "id: a\nformat: csv\nkind: k\ntime: { column: t }\ncolumns: { x: number }\nentities: [x]\n",
        "s.yaml:6: entity 'x' is a number, not a text (give its column 'type: text')"
      ),
      (
        "id: a\nformat: syslog\ntime: { format: syslog }\npatterns:\n  - { match: x, kind: y }\n",
        "s.yaml:3: syslog lines have no year: 'year' should give the first one, such as 2026"
      ),
      (
        "id: a\nformat: syslog\ntime: { year: 2017 }\npatterns:\n  - { match: '{a} to {b}', kind: y }\n",
        "s.yaml:5: the pattern has more than one hole for any text"
      ),
      (
        "id: a\nformat: syslog\ntime: { year: 2017 }\npatterns:\n  - { match: '"
          + (0...64).map { "{w\($0):word}" }.joined(separator: " ") + "', kind: y }\n",
        "s.yaml:5: the pattern has more than 64 holes"
      ),
    ])
  func oneProblem(text: String, expected: String) {
    #expect(problems(text) == [expected])
  }

  @Test("A text that is no YAML, or is nested to break a reader, is refused")
  func noYAML() {
    #expect(
      problems("id: [a\n") == [
        "s.yaml:2: the file is not YAML: did not find expected ',' or ']'"
      ])
    let deep = String(repeating: "[", count: 50_000)
    let dashes = String(repeating: "- ", count: 50_000)
    for text in [deep, dashes] {
      #expect(
        problems(text) == [
          "s.yaml: the file is above 256 KiB or nested more than 32 deep (keep it small and flat)"
        ])
    }
  }

  @Test("An unknown source is told with the one that was meant")
  func unknownSource() throws {
    #expect(
      failure { _ = try SourceMapping.load(id: "sparkof", folder: sources) }
        == "unknown source 'sparkof' in \(sources) (did you mean 'sparkov'?)")
    let scratch = try Scratch()
    _ = try scratch.file("a.yaml", "id: b\nformat: csv\nkind: k\ntime: { column: t }\n")
    #expect(
      failure { _ = try SourceMapping.load(id: "a", folder: scratch.path) }
        == "\(scratch.path)/a.yaml: the id 'b' is not the file's name (rename one of them)")
    #expect(
      failure { _ = try SourceMapping.load(id: "a", folder: scratch.path + "/none") }
        == "cannot read the folder '\(scratch.path)/none': No such file or directory (check the path)"
    )
  }

  @Test("Raw names become lower snake case")
  func snake() throws {
    let mapping = try #require(
      SourceMapping.read(
        """
        id: a
        format: csv
        kind: k
        time: { column: t }
        columns: { sourceIPAddress: text, EventID: number, "a b-c": text, "9lives": text, X_Y: text }
        """, file: "s.yaml"
      ).mapping)
    #expect(
      mapping.columns.map(\.field) == ["source_ip_address", "event_id", "a_b_c", "f_9lives", "x_y"])
  }
}

@Suite("Labels")
struct LabelTests {
  @Test("Labels read back as they were written")
  func roundTrip() throws {
    let scratch = try Scratch()
    let labels = [
      Label(
        entityField: "user", entity: "a,\"b\"\nc", start: Timestamp(seconds: 10),
        end: Timestamp(microseconds: 20_000_001), type: "fraud", name: "x", severity: 3,
        knownAt: Timestamp(seconds: 30)),
      Label(
        entityField: "", entity: "", start: Timestamp(seconds: 1), end: Timestamp(seconds: 1),
        type: "anomaly", name: "", severity: 1, knownAt: Timestamp(seconds: 1), eventID: "e1"),
    ]
    let path = try scratch.file("l.csv", LabelFile.text(labels))
    #expect(try LabelFile.read(path) == labels)
    #expect(
      LabelFile.text(labels).split(separator: "\n").first
        == "entity_field,entity,start,end,type,name,severity,known_at,event_id")
  }

  @Test(
    "A wrong label is told with its line",
    arguments: [
      (
        "user,ana,2026,2026-03-01,fraud,x,5,2026-03-01,",
        "l.csv:2: 'start' is '2026', not a time (write it as 2026-03-01T14:00:00Z)"
      ),
      (
        "user,ana,2026-03-02,2026-03-01,fraud,x,5,2026-03-01,",
        "l.csv:2: the label ends before it starts"
      ),
      (
        "user,ana,2026-03-01,2026-03-01,fraud,x,6,2026-03-01,",
        "l.csv:2: 'severity' is '6', not 1 to 5"
      ),
      (
        "user,ana,2026-03-01,2026-03-01,theft,x,5,2026-03-01,",
        "l.csv:2: 'type' is 'theft', not fraud or anomaly"
      ),
      (
        ",,2026-03-01,2026-03-01,fraud,x,5,2026-03-01,",
        "l.csv:2: the label names neither an event nor an entity (fill 'event_id', or 'entity_field' and 'entity')"
      ),
    ])
  func wrong(row: String, expected: String) throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "l.csv", LabelFile.columns.joined(separator: ",") + "\n" + row + "\n")
    #expect(
      failure { _ = try LabelFile.read(path) }.replacing(scratch.path + "/", with: "") == expected)
  }

  @Test("A missing column of a label file is told with the one that was meant")
  func missing() throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "l.csv",
      LabelFile.columns.joined(separator: ",").replacing("severity", with: "severty") + "\n")
    #expect(
      failure { _ = try LabelFile.read(path) }
        == "\(path):1: column 'severity' of the labels is missing, did you mean 'severty'?")
  }

  @Test("Anomaly windows come out by series, known when they are over")
  func windows() throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "w.json",
      #"{"a/b.csv":[["2014-04-10 16:15:00.000000","2014-04-12 01:45:00.000000"]],"c.csv":[]}"#)
    let labels = try NABLabels.read(path)
    #expect(labels.map(\.entity) == ["b"])
    #expect(labels[0].knownAt == labels[0].end)
    #expect(labels[0].start.description == "2014-04-10T16:15:00Z")
    let bad = try scratch.file("x.json", #"{"a.csv":[["2014"]]}"#)
    #expect(
      failure { _ = try NABLabels.read(bad) }
        == "'\(bad)' does not hold anomaly windows: 'a.csv' has a window that is no pair of times (it should be NAB's combined_windows.json)"
    )
    let none = try scratch.file("y.json", "{")
    #expect(
      failure { _ = try NABLabels.read(none) }
        == "'\(none)' is not JSON: a key in quotes should stand here (byte 2)")
  }
}
