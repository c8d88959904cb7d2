import Cases
import Detection
import Foundation
import Learning
import Plugins
import Primitives
import Testing

@testable import Host

@Suite("Settings")
struct SettingsTests {
  private func load(
    _ text: String, _ environment: [String: String] = [:]
  ) throws -> (Settings, Scratch) {
    let scratch = try Scratch(["config/moonwatch.yaml": text])
    return (
      try Settings.load(path: scratch.path + "/config/moonwatch.yaml", environment: environment),
      scratch
    )
  }

  private func refusal(_ text: String, _ environment: [String: String] = [:]) throws -> String {
    let scratch = try Scratch(["config/moonwatch.yaml": text])
    return failure {
      _ = try Settings.load(
        path: scratch.path + "/config/moonwatch.yaml", environment: environment)
    }.replacing(scratch.path + "/", with: "")
  }

  @Test("A file sets every key, and what it does not say keeps its usual value")
  func file() throws {
    let (settings, _) = try load(
      """
      data_dir: state
      plugins: [a, b]
      threads: 3
      alerts: { model_false_per_day: 0.5, dedup_window: 90 seconds }
      events: { allowed_lateness: 2d }
      """)
    #expect(settings.dataDirectory == "state")
    #expect(settings.plugins == ["a", "b"])
    #expect(settings.threads == 3)
    #expect(settings.modelFalseAlarmsPerDay == 0.5)
    #expect(settings.dedupWindow == .seconds(90))
    #expect(settings.allowedLateness == .days(2))
    #expect(settings.sources == "config/sources")
    #expect(settings.owners == "config/owners.yaml")
    #expect(settings.lists == "config/lists")
  }

  @Test("A variable of the environment goes before the file, and others do not count")
  func environment() throws {
    let (settings, _) = try load(
      "threads: 3\ndata_dir: state\n",
      [
        "MOONWATCH_THREADS": "5", "MOONWATCH_ALERTS_DEDUP_WINDOW": "2 hours",
        "MOONWATCH_PLUGINS": "x:y/z", "MOONWATCH_TEST_DATA": "/elsewhere", "THREADS": "9",
      ])
    #expect(settings.threads == 5)
    #expect(settings.dedupWindow == .hours(2))
    #expect(settings.plugins == ["x", "y/z"])
    #expect(settings.dataDirectory == "state")
  }

  @Test("The variable MOONWATCH_CONFIG names the file where no flag does")
  func namedByVariable() throws {
    let scratch = try Scratch(["a.yaml": "threads: 7\n", "b.yaml": "threads: 8\n"])
    let variables = ["MOONWATCH_CONFIG": scratch.path + "/a.yaml"]
    #expect(try Settings.load(path: nil, environment: variables).threads == 7)
    #expect(
      try Settings.load(path: scratch.path + "/b.yaml", environment: variables).threads == 8)
  }

  @Test(
    "A size is a number with a unit of a thousand or 1,024",
    arguments: [
      ("2 GiB", 2_147_483_648), ("1.5MB", 1_500_000), ("0", 0), ("512 b", 512), ("3 tib", 3 << 40),
    ])
  func sizes(_ words: String, _ bytes: Int) throws {
    let (settings, _) = try load("retention: { days: 0.5, bytes: \(words) }\n")
    #expect(settings.retention.bytes == bytes)
    #expect(settings.retention.days == 0.5)
    #expect(ByteWords.count("2 Gib s") == nil && ByteWords.count("9 EB") == nil)
    #expect(ByteWords.count("-1") == nil && ByteWords.count("") == nil)
  }

  @Test("Paths of the file start at the folder that holds config, absolute ones stay")
  func paths() throws {
    let (settings, scratch) = try load("sources: s\nowners: /etc/owners.yaml\n")
    #expect(settings.resolve(settings.sources) == scratch.path + "/s")
    #expect(settings.resolve(settings.owners) == "/etc/owners.yaml")
    #expect(settings.dataDirectory == "var")
  }

  @Test("Costs of misses and alarms come together or not at all")
  func costs() throws {
    #expect(try load("alerts: { miss_cost: 500, alarm_cost: 5 }\n").0.alarmPrices()?.miss == 500)
    #expect(try load("threads: 1\n").0.alarmPrices() == nil)
    let error = try #require(throws: Failure.self) {
      _ = try load("alerts: { miss_cost: 500 }\n").0.alarmPrices()
    }
    #expect(
      error.description
        == "the cost of an alarm is not said (give both, alerts.miss_cost and alerts.alarm_cost, or"
        + " neither)")
  }

  @Test("An empty file and one of comments alone are the usual settings")
  func empty() throws {
    for text in ["", "# nothing\n", "---\n"] {
      let (settings, _) = try load(text)
      #expect(settings.modelFalseAlarmsPerDay == 3)
    }
  }

  @Test(
    "What is wrong is told with its line and what to do",
    arguments: [
      (
        "data_dir: var\nthreds: 2\n",
        "config/moonwatch.yaml:2: unknown setting 'threds', did you mean 'threads'?"
      ),
      (
        "colour: red\n",
        "config/moonwatch.yaml:1: unknown setting 'colour' (known: "
          + "\(Settings.keys.joined(separator: ", ")))"
      ),
      (
        "alerts:\n  dedup_windw: 1 hour\n",
        "config/moonwatch.yaml:2: unknown setting 'alerts.dedup_windw', "
          + "did you mean 'alerts.dedup_window'?"
      ),
      (
        "threads: many\n",
        "config/moonwatch.yaml:1: threads is 'many' (give a whole number from 1 to 256)"
      ),
      (
        "threads: 257\n",
        "config/moonwatch.yaml:1: threads is '257' (give a whole number from 1 to 256)"
      ),
      (
        "threads\n",
        "config/moonwatch.yaml:1: these are no settings "
          + "(write a key and its value a line, such as 'threads: 2')"
      ),
      (
        "threads: 1\n  plugins: x\n",
        "config/moonwatch.yaml:2: the file is not YAML: mapping values are not allowed in this "
          + "context"
      ),
      (
        "threads: 1\nthreads: 2\n",
        "config/moonwatch.yaml:1: 'threads' is given twice (keep one)"
      ),
      ("threads: [1, 2]\n", "config/moonwatch.yaml:1: 'threads' is a list (give one value)"),
      (
        "data_dir:\n",
        "config/moonwatch.yaml:1: 'data_dir' is empty (give it a value, or leave it out)"
      ),
      (
        "plugins: []\n",
        "config/moonwatch.yaml:1: 'plugins' is empty (give it a value, or leave it out)"
      ),
      (
        "alerts: { dedup_window: 90 }\n",
        "config/moonwatch.yaml:1: alerts.dedup_window is '90' "
          + "(give a duration such as '90 seconds' or '1 hour')"
      ),
      (
        "alerts: { model_false_per_day: nan }\n",
        "config/moonwatch.yaml:1: alerts.model_false_per_day is 'nan' (give a number above 0)"
      ),
      (
        "retention: { days: -1 }\n",
        "config/moonwatch.yaml:1: retention.days is '-1' "
          + "(give a number of days, or 0 to keep no events)"
      ),
      (
        "retention: { bytes: much }\n",
        "config/moonwatch.yaml:1: retention.bytes is 'much' (give a size such as '2 GiB')"
      ),
    ])
  func wrong(_ text: String, _ expected: String) throws {
    #expect(try refusal(text) == expected)
  }

  @Test("All problems of file and environment are told at once")
  func allAtOnce() throws {
    #expect(
      try refusal("threads: 0\ncolor: x\n", ["MOONWATCH_EVENTS_ALLOWED_LATENESS": "soon"])
        == """
        config/moonwatch.yaml:1: threads is '0' (give a whole number from 1 to 256)
        moonwatch: config/moonwatch.yaml:2: unknown setting 'color' (known: \
        \(Settings.keys.joined(separator: ", ")))
        moonwatch: environment MOONWATCH_EVENTS_ALLOWED_LATENESS: events.allowed_lateness is \
        'soon' (give a duration such as '90 seconds' or '1 hour')
        """)
  }

  @Test("A file that is not there is named")
  func missing() {
    #expect(
      failure { _ = try Settings.load(path: "/nowhere/moonwatch.yaml", environment: [:]) }
        == "cannot read the configuration '/nowhere/moonwatch.yaml': no such file "
        + "(give the path of a moonwatch.yaml)")
  }

  @Test("A file that is no text is refused")
  func binary() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/m.yaml"
    try Data([0x61, 0x3A, 0x20, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: path))
    #expect(
      failure { _ = try Settings.load(path: path, environment: [:]) }
        == "cannot read the configuration '\(path)': it is not UTF-8 text (save it as UTF-8)")
  }

  @Test("A number of threads from a command line is from 1 to 256")
  func threads() throws {
    var (settings, _) = try load("")
    try settings.use(threads: 256)
    #expect(settings.threads == 256)
    #expect(
      failure { try settings.use(threads: 0) } == "--threads is 0 (give 1 to 256)")
  }

  @Test(
    "A duration is a number with a unit",
    arguments: [
      ("5 minutes", 300), ("1 hour", 3600), ("30s", 30), ("2d", 172_800), ("1.5 h", 5400),
      ("1 week", 604_800), (" 0 s ", 0), ("5", nil), ("hour", nil), ("-1 s", nil), ("1e9 d", nil),
      ("½ s", nil), ("1 fortnight", nil), ("99999999999999999 weeks", nil), ("", nil),
    ] as [(String, Int64?)])
  func durations(_ words: String, _ seconds: Int64?) {
    #expect(TimeSpan(words: words) == seconds.map { .seconds($0) })
  }
}

@Suite("Text lists")
struct TextListTests {
  @Test("A list has an entry a line without comments and blanks, a table one by its first column")
  func entries() throws {
    let scratch = try Scratch([
      "vips.txt": "# people\nana # since May\n\n  bo \r\n#x\n\t # y\nc#d\n",
      "ips.csv": "10.0.0.1,office\n10.0.0.2\n",
      "notes.md": "no list",
    ])
    let lists = try TextLists(folder: scratch.path)
    #expect(lists.names == ["vips", "ips"])
    #expect(lists.book["vips"]?.count == 3 && lists.book["ips"]?.count == 2)
    #expect(lists.has("vips", "ana") && lists.has("vips", "c#d"))
    #expect(lists.has("vips", "bo") && lists.has("ips", "10.0.0.2"))
    #expect(!lists.has("vips", "#x") && !lists.has("vips", "") && !lists.has("ips", "office"))
    #expect(!lists.has("vips", "10.0.0.1"))
    #expect(!lists.has("others", "ana"))
  }

  @Test("A byte order mark is no part of an entry, and two quotes in a quoted cell are one")
  func written() throws {
    let scratch = try Scratch([
      "vips.txt": "\u{FEFF}ana\nbo\n",
      "firms.csv": "\u{FEFF}\"ACME \"\"EU\"\" Ltd\",x\n\"\",y\n\"open\n",
    ])
    let lists = try TextLists(folder: scratch.path)
    #expect(lists.has("vips", "ana") && lists.has("vips", "bo"))
    #expect(lists.has("firms", "ACME \"EU\" Ltd") && lists.has("firms", "open"))
    #expect(lists.book["firms"]?.count == 2)
  }

  @Test("Lists are equal where their entries are")
  func equal() throws {
    let scratch = try Scratch(["vips.txt": "ana\n", "q.csv": "\"a,b\",x\nc,y\n"])
    let first = try TextLists(folder: scratch.path)
    #expect(first == (try TextLists(folder: scratch.path)))
    #expect(first.has("q", "a,b") && first.has("q", "c"))
    try scratch.write("vips.txt", "ana\nbo\n")
    #expect(first != (try TextLists(folder: scratch.path)))
  }

  @Test("A list of a million entries is held, one of a million and one is refused")
  func large() throws {
    let scratch = try Scratch()
    try scratch.write("big.txt", (0..<1_000_000).map { "entry-\($0)\n" }.joined())
    let list = try #require(try TextLists(folder: scratch.path).book["big"])
    #expect(list.count == 1_000_000)
    #expect(list.contains("entry-999999") && !list.contains("entry-1000000"))
    #expect((15_000_000..<60_000_000).contains(list.memoryBytes))
    try scratch.write("big.txt", (0...1_000_000).map { "entry-\($0)\n" }.joined())
    #expect(
      failure { _ = try TextLists(folder: scratch.path) }
        == "the list '\(scratch.path)/big.txt' has 1000001 entries, and 1000000 are allowed (split it)"
    )
  }

  @Test("A folder that is not there holds no lists")
  func noFolder() throws {
    #expect(try TextLists(folder: "/nowhere/lists").names.isEmpty)
  }

  @Test("A list that is no text and a name that stands twice are refused")
  func refused() throws {
    let scratch = try Scratch(["a.txt": "x", "a.csv": "y"])
    #expect(
      failure { _ = try TextLists(folder: scratch.path) }
        == "there are two lists 'a' in '\(scratch.path)': a.txt and a.csv "
        + "(rename or remove one of them)")
    let other = try Scratch()
    try Data([0xFF]).write(to: URL(fileURLWithPath: other.path + "/b.txt"))
    #expect(
      failure { _ = try TextLists(folder: other.path) }
        == "cannot read the list '\(other.path)/b.txt': it is not UTF-8 text (save it as UTF-8)")
  }
}

@Suite("Owners")
struct OwnersTests {
  @Test("The shipped directory has the owners of the shipped mappings, each with a time to respond")
  func shippedOwners() throws {
    let scratch = try Scratch()
    let settings = try shipped(scratch)
    let owners = try Installation.owners(settings)
    #expect(owners["security_team"]?.name == "Security Operations")
    #expect(owners["security_team"]?.slaSeconds == 900)
    #expect(owners["fraud_team"]?.slaSeconds == 300)
    for mapping in try Installation(settings).plugins.mappings {
      for row in mapping.rows { #expect(owners[row.owner] != nil, "\(row.id)") }
    }
    for owner in owners.owners.values {
      #expect(owner.slaMinutes > 0 && !owner.contact.isEmpty && !owner.name.isEmpty)
    }
  }

  @Test(
    "A directory that cannot be read says what is wrong in it",
    arguments: [
      ("owners:\n  a: { name: A, contact: a@b }\n", "'owners.a.sla_minutes' is missing"),
      ("people: {}\n", "'owners' is missing"),
    ])
  func wrong(_ text: String, _ expected: String) throws {
    let scratch = try Scratch(["config/moonwatch.yaml": "", "config/owners.yaml": text])
    let settings = try Settings.load(
      path: scratch.path + "/config/moonwatch.yaml", environment: [:])
    #expect(
      failure { _ = try Installation.owners(settings) }
        == "\(scratch.path)/config/owners.yaml: \(expected) "
        + "(give every owner name, contact and sla_minutes, a whole number)")
  }

  @Test("A directory that is not there is named")
  func missing() throws {
    let scratch = try Scratch(["config/moonwatch.yaml": ""])
    let settings = try Settings.load(
      path: scratch.path + "/config/moonwatch.yaml", environment: [:])
    #expect(
      failure { _ = try Installation.owners(settings) }
        == "cannot read the owners '\(scratch.path)/config/owners.yaml': "
        + "No such file or directory (check the path and its permissions)")
  }
}
