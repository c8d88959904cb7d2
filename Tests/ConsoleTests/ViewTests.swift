import Console
import Detection
import Primitives
import Synchronization
import Testing

@testable import Cases
@testable import Host
@testable import Plugins
@testable import Store

/// What went to standard output and to standard error.
private final class Captured: Sendable {
  private let results = Mutex("")
  private let notes = Mutex("")

  func screen(_ output: Terminal = Terminal()) -> Screen {
    Screen(
      quiet: false, output: output, errors: Terminal(), seconds: { 0 },
      write: { text in self.notes.withLock { $0 += text } },
      result: { text in self.results.withLock { $0 += text } })
  }
  var output: String { results.withLock { $0 } }
  var told: String { notes.withLock { $0 } }
}

private let owners = Owners([
  "security_team": Owner(name: "Security Operations", contact: "soc@example.com", slaMinutes: 15)
])

private func alert(_ id: String, severity: Severity = .high, message: String) -> Alert {
  Alert(
    id: id, time: Timestamp(seconds: 1_772_900_000), eventID: "e1", source: "cert-logon",
    entity: Entity(field: "user", value: "ana"), kind: .rule, rule: "auth.login-burst",
    score: nil, confidence: nil, severity: severity, title: "Account takeover attempt",
    message: message, category: "Security - Account Takeover", risk: .high, costUSD: 500,
    costPer: .incident, compliance: ["SOC2"], action: "Lock account", owner: "security_team",
    slaSeconds: 900, mapping: "account-takeover", incident: "i1")
}

@Suite("What commands print") struct ViewTests {
  private let burst = alert("3f2a91c0aabbccdd", message: "20 logins in 5 minutes by ana")

  private var report: DetectReport {
    var report = DetectReport()
    report.events = 12_345
    report.alerts = 2
    report.suppressed = 1
    // Late events are among the dead letters; the rest could not be read.
    report.deadLetters = 7
    report.late = 4
    report.duplicates = 1
    report.wallSeconds = 0.5
    return report
  }

  @Test("A pass over events shows its alerts as cards and counts what came of the events")
  func detect() {
    let captured = Captured()
    let outcome = DetectOutcome(
      report: report, alerts: [(burst, 1), (alert("ffee", message: "again"), 0)], owners: owners,
      deadLetterFile: "var/dead-letters.jsonl", stored: true, model: nil)
    DetectView(outcome: outcome).print(to: captured.screen(), format: .text)
    #expect(
      captured.output == """
        1 Account takeover attempt: 20 logins in 5 minutes by ana.
          Risk HIGH · est. cost $500 · SLA 15 min · Security Operations
          Do: lock account
          1 more finding · moonwatch explain 3f2a91c0aa

        2 Account takeover attempt: again.
          Risk HIGH · est. cost $500 · SLA 15 min · Security Operations
          Do: lock account
          moonwatch explain ffee

        2 alerts (1 more finding joined them) · 12,345 events read · 1 duplicate · 4 too late · \
        3 could not be read in var/dead-letters.jsonl · 24.7 k events/s

        """)
  }

  @Test("Only the ten worst are cards, in the order in which they happened")
  func manyAlerts() {
    let captured = Captured()
    let many = (0..<25).map { n in
      (
        alert: alert("id\(n)", severity: n % 2 == 0 ? .low : .high, message: "number \(n)"),
        joined: 0
      )
    }
    let outcome = DetectOutcome(
      report: report, alerts: many, owners: owners, deadLetterFile: nil, stored: true, model: nil)
    DetectView(outcome: outcome, dataDirectory: "demo").print(
      to: captured.screen(), format: .text)
    let numbers = captured.output.matches(of: /number (\d+)/).compactMap { Int($0.1) }
    #expect(numbers == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
    #expect(captured.output.contains("and 15 more: moonwatch alerts list --data-dir demo\n"))
    #expect(captured.output.contains("moonwatch explain id19 --data-dir demo\n"))
  }

  @Test("Rows of alerts fit the screen and keep whole ids for programs")
  func alertRows() {
    let stored = StoredAlert(
      alert: burst, status: .open, joined: 2, highestSeverity: .high, highestScore: nil)
    let narrow = Captured()
    AlertListView(alerts: [stored]).print(to: narrow.screen(Terminal(width: 90)), format: .text)
    #expect(narrow.output.split(separator: "\n").allSatisfy { displayWidth($0) <= 90 })
    #expect(narrow.output.contains("3f2a91c0aa") && narrow.output.contains("20 logins in"))
    let wide = Captured()
    AlertListView(alerts: [stored]).print(to: wide.screen(Terminal(width: 200)), format: .text)
    #expect(wide.output.contains("$500") && !narrow.output.contains("$500"))
    let program = Captured()
    AlertListView(alerts: [stored]).print(to: program.screen(), format: .csv)
    #expect(
      program.output == """
        id,time,severity,entity_field,entity,title,mapping,cost_usd,message,status,joined,\
        state,assignee,disposition,cost_per,incident
        3f2a91c0aabbccdd,2026-03-07T16:13:20Z,high,user,ana,Account takeover attempt,\
        account-takeover,500.0,20 logins in 5 minutes by ana,open,2,new,,,incident,i1

        """)
    let none = Captured()
    AlertListView(alerts: []).print(to: none.screen(), format: .text)
    #expect(none.output == "No alerts.\n")
  }

  @Test("One alert is shown with its facts and its fate")
  func oneAlert() {
    let captured = Captured()
    var stored = StoredAlert(
      alert: burst, status: .closed, joined: 1, highestSeverity: .high, highestScore: nil)
    stored.disposition = .falsePositive
    stored.note = "a known test"
    AlertView(stored: stored, owners: owners).print(to: captured.screen(), format: .text)
    #expect(
      captured.output == """
        Account takeover attempt: 20 logins in 5 minutes by ana.
        Risk HIGH · est. cost $500 · SLA 15 min · Security Operations
        Do: lock account
        Severity high (rule auth.login-burst) · respond by 2026-03-07T16:28:20Z
        2026-03-07T16:13:20Z · event e1 of cert-logon
        alert 3f2a91c0aabbccdd · incident i1
        closed as false positive: a known test · 1 more finding joined it

        """)
  }

  @Test("The doctor says what is wrong and what to do")
  func doctor() {
    let captured = Captured()
    DoctorView(checks: [
      DoctorCheck(name: "plugins", status: .passed, finding: "14 plugins", advice: ""),
      DoctorCheck(
        name: "data", status: .failed, finding: "var is read-only", advice: "chmod u+w var"),
      DoctorCheck(
        name: "memory", status: .warned, finding: "1 GiB free", advice: "close something"),
    ]).print(to: captured.screen(), format: .text)
    #expect(
      captured.output == """
        ok       plugins: 14 plugins
        failed   data: var is read-only (chmod u+w var)
        warning  memory: 1 GiB free (close something)
        1 failure, 1 warning

        """)
    let well = Captured()
    DoctorView(checks: []).print(to: well.screen(), format: .text)
    #expect(well.output == "all is well\n")
  }

  @Test("A check prints each problem with its place and counts them")
  func pluginCheck() {
    let problem = Diagnostic(
      code: "unknown-key", file: "scenarios/bad.lua", line: 3,
      message: "rule: unknown key 'detct'", suggestion: "did you mean 'detect'?")
    let captured = Captured()
    PluginCheckView(check: PluginCheck(plugins: 14, suites: 1, problems: [problem])).print(
      to: captured.screen(), format: .text)
    #expect(
      captured.output == """
        scenarios/bad.lua:3: rule: unknown key 'detct' (did you mean 'detect'?) [unknown-key]
        14 plugins and 1 suite read, 1 error

        """)
    let sound = Captured()
    PluginCheckView(check: PluginCheck(plugins: 1, suites: 0, problems: [])).print(
      to: sound.screen(), format: .text)
    #expect(sound.output == "1 plugin and 0 suites read, no problems\n")
    let program = Captured()
    PluginCheckView(check: PluginCheck(plugins: 14, suites: 1, problems: [problem])).print(
      to: program.screen(), format: .csv)
    #expect(
      program.output == """
        file,line,column,severity,code,message,suggestion
        scenarios/bad.lua,3,,error,unknown-key,rule: unknown key 'detct',did you mean 'detect'?

        """)
  }

  @Test("Suites are one line each, and what failed has its place")
  func pluginTest() {
    func test(_ suite: String, _ name: String, line: Int, _ message: String = "") -> SuiteCase {
      SuiteCase(
        suite: suite, name: name, file: "plugins/\(suite).test.lua", line: line,
        passed: message.isEmpty, message: message)
    }
    let captured = Captured()
    let outcome = PluginTestOutcome(
      cases: [
        test("a", "fires", line: 2), test("a", "is silent", line: 8),
        test("b", "fires", line: 3, "expected a finding of severity high, found none"),
      ], problems: [])
    PluginTestView(outcome: outcome).print(to: captured.screen(), format: .text)
    #expect(
      captured.output == """
        ok      a  2 cases
        failed  b  1 case
          plugins/b.test.lua:3: fires: expected a finding of severity high, found none
        2 passed, 1 failed

        """)
    #expect(!outcome.passed)
  }

  @Test("The demo ends with the worst alerts, a row a scenario, the figures and where to look")
  func demo() {
    let captured = Captured()
    var detect = report
    detect.alerts = 30
    detect.quality = DetectReport.Quality(
      rocAUC: 0.9876, averagePrecision: 0.7129, baseRate: 0.0021,
      detection: DetectionReport(
        scenarios: [
          .init(
            name: "auth.login-burst", injected: 10, caught: 9, firstEvent: 12,
            secondsToDetect: 95, mappedRight: 9)
        ], incidents: [], alerts: 30, falseAlerts: 3))
    let outcome = DemoOutcome(
      events: 200_123, days: 30, seed: 7, testStart: Timestamp(seconds: 1_772_841_600),
      testDays: 10, worst: [(burst, 3)], owners: owners, detect: detect, dataDirectory: "var",
      wallSeconds: 21.04, peakMemory: 671_088_640)
    DemoView(outcome: outcome).print(to: captured.screen())
    #expect(
      captured.output == """
        200,123 events of 30 days, seed 7. Learned from the days before 2026-03-07T00:00:00Z, \
        judged the 10.0 days after.

        The one alert

        1 Account takeover attempt: 20 logins in 5 minutes by ana.
          Risk HIGH · est. cost $500 · SLA 15 min · Security Operations
          Do: lock account
          3 more findings · moonwatch explain 3f2a91c0aa

        What was planted, and what was caught

        Scenario          Injected  Caught  Recall  95 % interval  At event       After  Mapped right
        auth.login-burst        10       9    0.90    0.60 – 0.98        12  1 min 35 s        9 of 9

        Alerts a day       3.0, of them 0.3 false (precision 90.0 %)
        Model by itself    average precision 0.713 at a base rate of 0.21 %, ROC-AUC 0.988
        Took               21 s and 640 MiB of memory

        Look further
          moonwatch alerts list
          moonwatch alerts show 3f2a91c0aa
          moonwatch explain 3f2a91c0aa

        """)
  }
}
