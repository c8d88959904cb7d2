import Cases
import Detection
import Foundation
import Plugins
import Primitives
import Synchronization
import Testing

@testable import Host
@testable import Store

@Suite("The health of rules") struct RuleHealthTests {
  private final class Told: JobProgress {
    private let warned = Mutex<[String]>([])
    var warnings: [String] { warned.withLock { $0 } }
    func begin(_ stage: String, total: Int?) {}
    func advance(to done: Int) {}
    func end(_ result: String) {}
    func note(_ text: String) {}
    func warn(_ text: String) { warned.withLock { $0.append(text) } }
  }

  /// One rule that reads `device` in a condition, one in its function, one in no way.
  private static let plugins = [
    "condition.lua": """
    return rule { id = "t.condition", title = "T", severity = "low",
      on = { kind = "login", device = "none" } }
    """,
    "detect.lua": """
    return rule { id = "t.detect", title = "T", severity = "low", on = { kind = "login", user = "none" },
      detect = function(event) return "from {device}" end }
    """,
    "count.lua": """
    return rule { id = "t.count", title = "T", severity = "low", on = { kind = "login" }, per = "device",
      features = { n = count { within = 1 * minute } }, when = { n = at_least(1000) } }
    """,
    "logoff.lua": """
    return rule { id = "t.logoff", title = "T", severity = "low",
      on = { kind = "logoff", device = "none" } }
    """,
    "user.lua": """
    return rule { id = "t.user", title = "T", severity = "low", on = { kind = "login", user = "none" } }
    """,
  ]

  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch(
      Dictionary(
        uniqueKeysWithValues: RuleHealthTests.plugins.map { ("plugins/\($0)", $1) }))
    var settings = try shipped(scratch)
    settings.plugins = [scratch.path + "/plugins"]
    self.settings = settings
  }

  private func lines(_ range: Range<Int>, device: String = "device") -> String {
    range.map {
      "{\"time\":\"\(Timestamp(seconds: 1_772_442_000 + Int64($0) * 10))\",\"kind\":\"login\","
        + "\"user\":\"u\($0 % 9)\",\"\(device)\":\"pc-\($0 % 4)\"}\n"
    }.joined()
  }

  private func detect(_ text: String) throws -> (told: [String], report: DetectReport) {
    let file = try scratch.write("events.jsonl", text)
    let told = Told()
    let outcome = try DetectJob(
      settings: settings, options: .init(inputs: [file], source: "generic-jsonl")
    ).run(progress: told)
    return (told.warnings, outcome.report)
  }

  @Test(
    "Renaming a field names the rules that read it within one window, and again until it is back")
  func renamed() throws {
    #expect(try detect(lines(0..<600)).told == [])
    let told = try detect(lines(600..<900, device: "host_name")).told
    #expect(
      told == [
        "0 % of 'login' events of source 'generic-jsonl' carry 'device' since "
          + "\(Timestamp(seconds: 1_772_442_000 + 6000)), 100 % did before: t.condition, t.count, "
          + "t.detect no longer see it"
      ])
    let health = try Control(settings: settings).ruleHealth()
    #expect(
      health.filter { !$0.gone.isEmpty }.map(\.rule) == ["t.condition", "t.count", "t.detect"])
    #expect(
      health.first { $0.rule == "t.count" }?.alarms == [
        "'device' is gone from 'login' events of source 'generic-jsonl' since "
          + "\(Timestamp(seconds: 1_772_442_000 + 6000))"
      ])
    #expect(try detect(lines(900..<1300, device: "host_name")).told.count == 1)
    #expect(try detect(lines(1300..<1700)).told == [])
    #expect(try Control(settings: settings).ruleHealth().allSatisfy(\.gone.isEmpty))
  }

  @Test("A field that goes missing in the middle of a stream is told once, in the report too")
  func middle() throws {
    let (told, report) = try detect(lines(0..<6000) + lines(6000..<13_000, device: "other"))
    #expect(told.count == 1)
    #expect(report.goneFields.map(\.field) == ["device"])
    #expect(
      report.json["missing_fields"]?.list?.first?["rules"]?.list
        == ["t.condition", "t.count", "t.detect"])
  }

  @Test(
    "A field that goes from two kinds that take turns is told of both within one window, whoever begins",
    arguments: [0, 1])
  func turns(first: Int) throws {
    func lines(_ range: Range<Int>, _ device: String) -> String {
      range.map {
        "{\"time\":\"\(Timestamp(seconds: 1_772_442_000 + Int64($0) * 10))\",\"kind\":"
          + "\"\(($0 + first) % 2 == 0 ? "login" : "logoff")\",\"user\":\"u\($0 % 9)\","
          + "\"\(device)\":\"pc-\($0 % 4)\"}\n"
      }.joined()
    }
    let told = try detect(lines(0..<4_000, "device") + lines(4_000..<4_550, "other")).told
    #expect(told.count == 2)
    #expect(told.allSatisfy { $0.contains("100 % did before") }, "\(told)")
    #expect(told.contains { $0.contains("'login' events") && $0.contains("t.condition") })
    #expect(told.contains { $0.contains("'logoff' events") && $0.contains("t.logoff") })
  }

  @Test("A field that only some events carry is not missed")
  func sparse() throws {
    let some = (0..<40).map {
      lines($0 * 300..<($0 * 300 + 300), device: $0 % 5 == 4 ? "device" : "x")
    }
    #expect(try detect(some.joined()).told == [])
  }

  @Test("What a run left of fields is read back; what it did not is refused")
  func record() throws {
    _ = try detect(lines(0..<600))
    let record = try FieldRecord.read(settings)
    #expect(record.usual(source: "generic-jsonl", kind: "login")?.shares["device"] == 1)
    #expect(FieldRecord(record.json) == record)
    for text in ["", "{", "{}", "[]", "{\"streams\":[1]}", "{\"streams\":[{\"source\":\"s\"}]}"] {
      try scratch.write("var/field-health.json", text)
      #expect(
        failure { _ = try FieldRecord.read(settings) }
          == "\(settings.dataDirectory)/field-health.json is not what a run left there (remove it; "
          + "the next run writes it)")
    }
    #expect(
      try detect(lines(0..<600)).told == [
        "\(settings.dataDirectory)/field-health.json is not what a run left there; which fields are "
          + "usual is learned anew"
      ])
    #expect(try FieldRecord.read(settings).streams.count == 1)
  }

  @Test("A rule that fell silent while its source goes on raises an alarm")
  func silent() throws {
    var fields = FieldRecord()
    let start = Timestamp(seconds: 1_772_442_000)
    let firings =
      (0..<40).map {
        Firing(source: "a", time: start + .hours($0), finders: ["t.user", "t.count"])
      } + (0..<30).map { Firing(source: "b", time: start + .hours($0 + 40), finders: ["t.count"]) }
    fields.set(
      FieldRecord.Stream(
        source: "a", kind: "login", windows: 1, newest: start + .hours(70), shares: [:], gone: []))
    let health = RuleHealth.all(["t.count", "t.user", "t.never"], firings: firings, fields: fields)
    #expect(health.map(\.firing.isSilent) == [false, true, false])
    #expect(
      health[1].alarms == [
        "silent for 1 d 7 h since \(start + .hours(39)); its longest pause in 40 alerts was 1 h"
      ])
    // Where the source stopped, the rule is not to blame.
    let stopped = RuleHealth.all(["t.user"], firings: firings, fields: FieldRecord())
    #expect(stopped.map(\.firing.isSilent) == [false])
  }

  /// Bursts of one user a day, and another user who goes on for ten days more.
  private func bursts() throws -> String {
    try scratch.write(
      "plugins/burst.lua",
      """
      return rule { id = "t.burst", title = "Burst", severity = "low",
        on = { kind = "login", user = "ana" } }
      """)
    func line(_ hours: Int, _ user: String) -> String {
      let time = Timestamp(seconds: 1_772_442_000) + .hours(Int64(hours))
      return "{\"time\":\"\(time)\",\"kind\":\"login\",\"user\":\"\(user)\",\"device\":\"pc\"}\n"
    }
    return (0..<28 * 24).map { hour in
      line(hour, "ben") + (hour % 24 == 0 && hour < 18 * 24 ? line(hour, "ana") : "")
    }.joined()
  }

  @Test(
    "A rule that fell silent is warned of at the end of detect, and leaves an alert as in the service"
  )
  func silentInDetect() throws {
    let told = try detect(try bursts()).told
    #expect(told.count == 1)
    #expect(
      told.first?.hasPrefix("rule t.burst: silent for 10 d 23 h since ") == true, "\(told)")
    let store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory, access: .readOnly))
    #expect(try store.alerts(AlertFilter(rule: SilenceTeller.ruleID, limit: nil)).count == 1)
  }

  @Test("The service raises an alert about a rule that fell silent, one a silence")
  func silentInService() throws {
    _ = try detect(try bursts())
    let store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory, access: .change))
    let installation = try Installation(settings)
    let run = try store.begin(RunRecord(command: "run", started: WallClock.now(), input: ""))
    let told = Told()
    // Two services, one after the other.
    for _ in 0..<2 {
      var teller = SilenceTeller(
        store: store,
        desk: .init(run: run, policy: installation.policy, book: ResponseBook(installation)))
      let fields = [try FieldRecord.read(settings)]
      for _ in 0..<2 { try teller.tell(["t.burst", "t.user"], fields: fields, to: told) }
    }
    #expect(told.warnings.count == 2)
    let filter = AlertFilter(rule: SilenceTeller.ruleID, limit: nil)
    let alerts = try store.alerts(filter)
    #expect(alerts.count == 1)
    let alert = try #require(alerts.first).alert
    #expect(alert.entity == Entity(field: "rule", value: "t.burst"))
    #expect(alert.title == "A rule fell silent" && alert.source == "generic-jsonl")
    #expect(alert.message.hasPrefix("t.burst: silent for 10 d 23 h since "))
    #expect(
      try AuditLog(try Database.open(dataDirectory: settings.dataDirectory, access: .readOnly))
        .verify().isWhole)
  }
}
