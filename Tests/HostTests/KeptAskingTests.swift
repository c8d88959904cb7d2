import Cases
import Detection
import Foundation
import Ingest
import Plugins
import Primitives
import Store
import Testing

@testable import Host

/// What the console asks of kept events: which there are, what a rule does with one, what would have been.
@Suite("Kept events are asked about", .timeLimit(.minutes(20)))
struct KeptAskingTests {
  private static let burst = """
    local seen = { last = "nobody" }
    return rule {
      id = "t.burst", title = "Burst", severity = "high", on = { kind = "login" }, per = "user",
      features = { n = count { within = 10 * minute } },
      when = { n = at_least(5) },
      detect = function(event, f)
        local twice = f.n * 2
        seen.last = event.user
        return "twice " .. twice
      end,
    }
    """
  private static let failures = """
    return rule {
      id = "t.failures", title = "Failures", severity = "low", on = { kind = "login", outcome = "failure" },
      per = "user", features = { m = count { within = 5 * minute } }, when = { m = at_least(3) },
    }
    """

  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch()
    try scratch.write("plugins/burst.lua", KeptAskingTests.burst)
    try scratch.write("plugins/failures.lua", KeptAskingTests.failures)
    settings = try KeptAskingTests.settings(scratch, "plugins")
    let path = try scratch.write(
      "events.jsonl", KeptAskingTests.events.map(EventWriter.line).joined(separator: "\n") + "\n")
    _ = try DetectJob(
      settings: settings, options: DetectOptions(inputs: [path], source: "generic-jsonl")
    ).run(progress: NoProgress())
  }

  private static func settings(_ scratch: Scratch, _ plugins: String) throws -> Settings {
    var settings = try shipped(scratch)
    settings.plugins = [scratch.path + "/" + plugins]
    return settings
  }

  /// Of two users, a login a second; every third of ben's fails.
  private static var events: [EventRecord] {
    var events: [EventRecord] = []
    for n in 0..<40 {
      let user = n.isMultiple(of: 2) ? "ana" : "ben"
      let fails = n % 6 == 1 || n > 30
      events.append(
        login("e\(n)", at: Int64(n), user: user, outcome: fails ? "failure" : "success"))
    }
    return events
  }

  private var control: Control { Control(settings: settings) }

  private func ids(_ make: (inout EventQuery) -> Void) throws -> [String] {
    var query = EventQuery()
    make(&query)
    return try control.events(query, progress: NoProgress()).map(\.id)
  }

  @Test("Events are found by their fields, their time and any text, the newest first")
  func finds() throws {
    let newest = try ids { $0.limit = 3 }
    #expect(newest == ["e39", "e38", "e37"])
    let ana = try ids { $0.fields = [.init("user", [.text("ana")])] }
    #expect(ana.count == 20)
    let before = KeptAskingTests.events[35].time
    let failed = try ids { query in
      query.fields = [.init("user", [.text("ana")]), .init("outcome", [.text("failure")])]
      query.before = before
    }
    #expect(failed == ["e34", "e32"])
    let ben = try ids { $0.anyText = "ben" }
    #expect(ben.count == 20)
    let nobody = try ids { $0.fields = [.init("user", [.missing])] }
    #expect(nobody.isEmpty)
    let other = try ids { $0.kinds = ["transaction"] }
    #expect(other.isEmpty)
    let said = failure { _ = try ids { $0.fields = [.init("usr", [.text("ana")])] } }
    #expect(said == "no kept event has a field 'usr' (did you mean 'user'?)")
  }

  @Test("A walk shows the conditions, and each line with what its variables held")
  func walks() throws {
    let walk = try control.walk(rule: "t.burst", event: "e8", progress: NoProgress())
    #expect(walk.miss.failing == nil && !walk.miss.conditions.isEmpty)
    #expect(walk.visits.map(\.line) == [7, 8, 9])
    #expect(walk.visits[2].locals == [.init(name: "twice", value: .integer(10))])
    #expect(
      walk.visits[2].outer == [.init(name: "seen", value: .object([.init("last", .text("ana"))]))])
    #expect(walk.visits[0].source == "    local twice = f.n * 2")
    #expect(walk.message == "twice 10")
    let stopped = try control.walk(
      rule: "t.burst", event: "e8", lines: [8], progress: NoProgress())
    #expect(stopped.visits.map(\.line) == [8])
    let silent = try control.walk(rule: "t.burst", event: "e2", progress: NoProgress())
    #expect(silent.visits.isEmpty && silent.miss.failing?.shortfall == 3)
    let native = try control.walk(rule: "t.failures", event: "e2", progress: NoProgress())
    #expect(!native.hasFunction)
  }

  @Test("A walk holds a bounded part of what its rule runs through, and ends as the rule does")
  func bounded() throws {
    let other = try Scratch()
    try other.write(
      "alone/heavy.lua",
      """
      return rule { id = "t.heavy", title = "Heavy", severity = "low", on = { kind = "login" },
        detect = function(event)
          local inner, mid, big = {}, {}, {}
          for i = 1, 32 do inner[i] = ("x"):rep(190) mid[i] = inner big[i] = mid end
          local n = 0
          while n < 100 do n = n + 1 end
          return "counted " .. n
        end }
      """)
    try other.write(
      "alone/endless.lua",
      """
      return rule { id = "t.endless", title = "Endless", severity = "low", on = { kind = "login" },
        detect = function() while true do end end }
      """)
    let path = try other.write(
      "events.jsonl", KeptAskingTests.events.map(EventWriter.line).joined(separator: "\n") + "\n")
    let settings = try KeptAskingTests.settings(other, "alone")
    _ = try DetectJob(
      settings: settings, options: DetectOptions(inputs: [path], source: "generic-jsonl")
    ).run(progress: NoProgress())
    let control = Control(settings: settings)
    let heavy = try control.walk(rule: "t.heavy", event: "e0", progress: NoProgress())
    #expect(heavy.isCut && heavy.steps == heavy.visits.count)
    #expect(heavy.message == "counted 100" && heavy.failure == nil)
    #expect(heavy.json.serialized().utf8.count < 16 << 20)
    let endless = try control.walk(rule: "t.endless", event: "e0", progress: NoProgress())
    #expect(endless.isCut && endless.visits.count == RuleWalk.mostVisits)
    #expect(endless.message == nil && endless.failure == "took longer than 5 ms")
  }

  @Test("The newest of what is kept is the last event, where none of the alerts is later")
  func newest() throws {
    #expect(try control.newestTime() == KeptAskingTests.events[39].time)
  }

  @Test("Without a rule the last days are decided as they are where it is not installed")
  func without() throws {
    var change = EstateChange()
    change.without = ["t.burst"]
    let report = try control.whatIf(change, progress: NoProgress())
    let other = try Scratch()
    try other.write("alone/failures.lua", KeptAskingTests.failures)
    let path = try other.write(
      "events.jsonl", KeptAskingTests.events.map(EventWriter.line).joined(separator: "\n") + "\n")
    let alone = try DetectJob(
      settings: try KeptAskingTests.settings(other, "alone"),
      options: DetectOptions(inputs: [path], source: "generic-jsonl")
    ).run(progress: NoProgress()).report
    #expect(report.after.alerts == alone.alerts)
    #expect(report.after.joined == alone.suppressed)
    #expect(report.before.alerts > report.after.alerts)
    #expect(Set(report.lost.map(\.rule)) == ["t.burst"])
    #expect(report.before.stopped == nil && report.before.falseAlerts == nil)
    change.without = []
    change.drop = ["generic-jsonl"]
    let nothing = try control.whatIf(change, progress: NoProgress()).after
    #expect(nothing == EstateReport.Side())
  }

  @Test(
    "Both sides count what is lost while an alert goes on, by the alerts that each of them told before"
  )
  func losses() throws {
    try scratch.write(
      "plugins/outage.lua",
      """
      return mapping {
        id = "outage", on = { kind = "login" },
        rows = {
          { id = "again", when = { alerts_24h = at_least(1) }, category = "A - Again", risk = "low",
            cost_usd = 1, per = "incident", action = "Look", owner = "sre_team" },
          { id = "first", category = "A - First", risk = "high", cost_usd = 200, per = "minute",
            action = "Look", owner = "sre_team" },
        },
      }
      """)
    let start = KeptAskingTests.events[0].time
    let labels = try scratch.write(
      "labels.csv",
      LabelFile.text([
        Label(
          entityField: "user", entity: "ana", start: start, end: start + .hours(1), type: "anomaly",
          name: "Outage", severity: 3, knownAt: start + .hours(2), eventID: "")
      ]))
    var change = EstateChange()
    change.labels = labels
    change.without = ["t.burst"]
    let report = try control.whatIf(change, progress: NoProgress())
    // All of it is over within a minute of 200 dollars; without the other rule the first alert is the first still.
    #expect(report.before.stopped == Cents(dollars: 200))
    #expect(report.after.stopped == Cents(dollars: 200))
  }

  @Test("What is muted is no alert on either side")
  func muted() throws {
    var change = EstateChange()
    change.without = ["t.failures"]
    #expect(try control.whatIf(change, progress: NoProgress()).after.alerts == 2)
    try control.addMute(
      MuteRequest(
        entity: "user=ana", rule: "t.burst", span: "7d", from: KeptAskingTests.events[0].time,
        reason: "a test"))
    let report = try control.whatIf(change, progress: NoProgress())
    #expect(report.after.alerts == 1)
  }

  @Test("A mute may be of what watches series, and of no rule that there is not")
  func mutedSeries() throws {
    func mute(_ rule: String) throws {
      try control.addMute(
        MuteRequest(entity: "user=ana", rule: rule, span: "7d", reason: "a test"))
    }
    try mute("series.unusual")
    #expect(try control.mutes().mutes.map(\.mute.rule) == ["series.unusual"])
    #expect(
      failure { try mute("series.bogus") }
        == "there is no rule 'series.bogus' (moonwatch plugins list shows them)")
  }

  @Test("Each name that is not known is refused, before anything is judged again")
  func unknown() throws {
    func said(_ make: (inout EstateChange) -> Void) -> String {
      var change = EstateChange()
      make(&change)
      return failure { _ = try control.whatIf(change, progress: NoReplay()) }
    }
    #expect(
      said { $0.drop = ["generic-jsonl", "nosuch"] }
        == "there is no source 'nosuch' (events were read from generic-jsonl)")
    #expect(
      said { $0.drop = ["generic-jsnl"] }
        == "there is no source 'generic-jsnl' (did you mean 'generic-jsonl'?)")
    #expect(
      said { $0.without = ["t.burst", "series.bogus"] }
        == "there is no rule 'series.bogus' (rules() shows all)")
  }

  /// Fails where anything is gone through.
  private struct NoReplay: JobProgress {
    func begin(_ stage: String, total: Int?) { Issue.record("\(stage) began") }
    func advance(to done: Int) {}
    func end(_ result: String) {}
    func warn(_ text: String) {}
  }

  @Test(
    "A finding joins by the fields that its rule names, also where one event alone is asked about")
  func joins() throws {
    let other = try Scratch()
    try other.write(
      "plugins/device.lua",
      """
      return rule {
        id = "t.device", title = "Device", severity = "low",
        on = { kind = "login", outcome = "failure" }, dedup = { by = "device" },
      }
      """)
    let settings = try KeptAskingTests.settings(other, "plugins")
    let path = try other.write(
      "events.jsonl",
      [
        login("a", at: 0, user: "ana", outcome: "failure"),
        login("b", at: 60, user: "ben", outcome: "success"),
      ].map(EventWriter.line).joined(separator: "\n") + "\n")
    _ = try DetectJob(
      settings: settings, options: DetectOptions(inputs: [path], source: "generic-jsonl")
    ).run(progress: NoProgress())
    let control = Control(settings: settings)
    let raised = try #require(try control.list().first).alert
    let after = try control.whatIf(
      event: "b", fields: [("outcome", "failure")], progress: NoProgress()
    ).after
    #expect(after.found.map(\.rule) == ["t.device"])
    #expect(after.alerts.isEmpty && after.joined == [raised.id])
  }

  @Test("Every alert of a trial that is kept already is counted, however many there are")
  func known() throws {
    let other = try Scratch()
    try other.write(
      "plugins/each.lua",
      """
      return rule { id = "t.each", title = "Each", severity = "low", on = { kind = "login" } }
      """)
    let settings = try KeptAskingTests.settings(other, "plugins")
    let path = try other.write(
      "events.jsonl",
      (0..<1100).map { EventWriter.line(login("e\($0)", at: Int64($0) * 30, user: "u\($0)")) }
        .joined(separator: "\n") + "\n")
    _ = try DetectJob(
      settings: settings, options: DetectOptions(inputs: [path], source: "generic-jsonl")
    ).run(progress: NoProgress())
    let report = try Control(settings: settings).trial(
      of: .installed("t.each"), since: .distantPast, labels: nil, progress: NoProgress())
    #expect(report.alerts.count == 1100 && report.known == 1100)
  }

  @Test("A rule that is tried leads to the alerts that it led to, and its problems are told")
  func trials() throws {
    let report = try control.trial(
      of: .installed("t.burst"), since: .distantPast, labels: nil, progress: NoProgress())
    let store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory, access: .readOnly))
    var query = AlertQuery()
    query.rule = "t.burst"
    let kept = try store.find(query).map(\.alert.eventID).sorted()
    #expect(report.alerts.map(\.eventID).sorted() == kept)
    #expect(report.known == report.alerts.count && report.events == 40)
    #expect(report.falseAlerts == nil && report.friction == nil)
    #expect(
      failure {
        _ = try control.trial(
          of: .text(
            "return rule { id = \"a.b\", title = \"A\", severity = \"low\", on = { kind = \"login\" }, wen = {} }"
          ),
          since: .distantPast, labels: nil, progress: NoProgress())
      } == "the text:1: rule: unknown key 'wen', did you mean 'when'?")
  }

  @Test(
    "A walk through kept events gives what a function of the prompt needs, and counts what it finds"
  )
  func prompts() throws {
    let walk = try control.walk(
      title: "prompt", since: .distantPast, labels: nil, progress: NoProgress())
    var seen = 0
    while let events = try walk.next() {
      for (place, event) in events.enumerated() {
        seen += 1
        let count = try walk.feature(place, "event_count_1h")
        if event.id == "e39" { #expect(count == 20) }
        if event.id == "e39" || event.id == "e37" {
          try walk.found(place, severity: .high, title: "T", message: "m")
        }
      }
      #expect(
        failure { _ = try walk.feature(0, "event_count_1hh") }
          == "there is no feature 'event_count_1hh' here (did you mean 'event_count_1h'?)")
    }
    let report = try walk.report(ruleSeconds: 0)
    #expect(seen == 40 && report.findings == 2)
    #expect(report.alerts.map(\.eventID) == ["e37"] && report.joined == 1)
  }

  @Test("Windows of a time hold what came until then and nothing later")
  func windows() throws {
    let time = KeptAskingTests.events[11].time
    let state = try control.state(at: time, of: "user=ana", progress: NoProgress())
    #expect(state.lastEvent?.id == "e10")
    // Six of ana's, and the one that asks.
    #expect(state.windows.first { $0.name == "event_count_1h" }?.value == 7)
    #expect(state.setup.setup?.hasSamePlugins == true)
    #expect(
      failure { _ = try control.state(at: time, of: "user=eve", progress: NoProgress()) }
        == "no event of user 'eve' until \(time) is kept (events{entity = \"user=eve\"} shows what is)"
    )
  }
}
