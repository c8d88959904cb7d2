import Cases
import Console
import Detection
import Primitives
import Store
import Testing

@testable import Repl

/// What is said of lists that are cut, scripts, and values that leave the console.
@Suite("What is told of values") struct AskingTests {
  @Test func `What runs is asked to end when its processor time is used up, and not before`() {
    let stop = StopFlag()
    #expect(!stop.isRaised)
    stop.give(.days(1))
    #expect(!stop.isRaised && !stop.isSpent)
    stop.give(.zero)
    #expect(stop.isRaised && stop.isSpent)
    stop.give(nil)
    #expect(!stop.isRaised)
  }

  @Test func `A list of alerts that is cut says so, and is not cut for a file`() throws {
    let many = (0..<130).map { n in
      DataFolder.alert(
        n + 300, at: -Int64(n), "user", "u\(n)", "auth.off-hours", severity: .medium)
    }
    let bench = try Bench(try DataFolder(alerts: many.map { .init($0) }))
    #expect(bench.run("#alerts{}") == "100\n")
    #expect(
      bench.run("alerts{}").hasSuffix(
        "… and 30 more: give limit, or write all to a file with > rows.csv\n"))
    #expect(!bench.run("alerts{limit = 5}").contains("more:"))
    bench.session.host.wantsAll = true
    #expect(bench.run("#alerts{}") == "130\n")
  }

  @Test func `A table of CSV has the columns of all of its rows`() throws {
    let bench = try Bench()
    guard
      case .values(1) = bench.session.run(
        "(function() local t = {} for i = 1, 6000 do t[i] = {a = i} end t[6000].b = 7 return t end)()"
      )
    else { return #expect(Bool(false), "it gives one value") }
    var text = ""
    let view = ValueView(terminal: .init(width: 100)) { .init() }
    try ValueOutput(session: bench.session, view: view).write(1, .csv) { text += $0 }
    #expect(text.hasPrefix("a,b\n1,\n"))
    #expect(text.hasSuffix("6000,7\n"))
  }

  @Test func `The console's own marks are in no JSON, and CSV of a series has its points`() throws {
    let bench = try Bench()
    let json = bench.run(
      "(function() local t = {} for i = 1, 1500 do t[i] = i end return t end)()", .json)
    #expect(json.hasPrefix("[\n  1,"))
    #expect(!json.contains("\"#\""))
    #expect(bench.run("timeline{by = \"day\"}", .csv).hasPrefix("time,value\n2026-02-27"))
  }

  @Test func `Columns of one name in SQL are both there`() throws {
    #expect(try Bench().run("sql(\"select 1 as a, 2 as a\")") == "a  a_2\n1    2\n")
  }

  @Test(
    "A redirect is seen behind an apostrophe, and not inside of a text",
    arguments: [
      ("alerts{text=\"it's\"} > b.csv", "b.csv"), ("print('a > b.csv", nil),
      ("f(\"x > y.csv\")", nil), ("'it\\'s' > c.txt", "c.txt"),
    ])
  func redirects(line: String, path: String?) { #expect(Redirect(line)?.path == path) }

  @Test("What is asked of alerts by severity, state, lists and bounds is what is there")
  func filters() throws {
    let bench = try Bench(mayWrite: true)
    #expect(bench.run("count{severity = {\"high\"}}, count{severity = \"high\"}") == "2\n3\n")
    #expect(bench.run("count{cost = {above = 100}}, count{min_cost = 100}") == "1\n9\n")
    #expect(bench.run("count{except = {rule = {\"auth.*\", \"fraud.*\"}}}") == "1\n")
    #expect(
      bench.run("count{any = {{rule = \"quality.*\"}, {entity = \"card=4711\"}}}") == "3\n")
    #expect(bench.run("count{hours = {13, 14}, weekdays = {\"sunday\"}}") == "1\n")
    #expect(bench.run("alerts{order = \"cost\", reverse = true, limit = 1}[1].cost") == "100\n")
    _ = bench.run("acknowledge(\"1aaa\")")
    #expect(
      bench.run("count{state = \"new\"}, count{state = \"acknowledged\"}, count{status = \"open\"}")
        == "8\n1\n9\n")
    #expect(bench.run("alert(\"1aaa\")").contains("· acknowledged"))
  }

  @Test("Groups of alerts are of one key or two, of a sum, and of some size")
  func tallies() throws {
    let bench = try Bench()
    #expect(
      bench.run("tally{by = {\"rule\", \"severity\"}, top = 1}")
        == """
        rule            severity  alerts
        auth.off-hours  medium         4
        … there are more: 5 (give top, such as top = 100)

        """)
    #expect(bench.run("tally{by = \"card\", sum = \"cost\"}[1].number") == "5100\n")
    #expect(bench.run("#tally{by = \"rule\", above = 1}, tally{sum = \"cost\"}") == "2\n5,800\n")
  }

  @Test func `A line is named only where several were typed`() throws {
    let bench = try Bench()
    #expect(bench.run("nothere") == "error: unknown name 'nothere'")
    #expect(bench.run("count{}, nothere") == "error: unknown name 'nothere'")
    #expect(bench.run("x = 1\nnothere()").hasPrefix("error: line 2: unknown name 'nothere'"))
  }

  @Test func `Brackets that are open are counted outside of texts and comments`() {
    func open(_ lines: String...) -> Bool {
      var brackets = OpenBrackets()
      for line in lines { brackets.take(line) }
      return brackets.areOpen
    }
    #expect(open("t = {") && open("f({", "1,", "}"))
    #expect(!open("t = {", "}") && !open("x = \"{\"") && !open("-- {") && !open("x = '\\'{'"))
    #expect(!open("x = [[ {"))
  }

  @Test func `An expression may use so much time and no more`() throws {
    let folder = try DataFolder()
    var options = try ReplSession.Options(
      settings: try Bench.settings(folder), mayWrite: false, now: afternoon, mode: .table,
      terminal: .init(width: 100))
    options.limit = TimeSpan(microseconds: 50_000)
    let session = try ReplSession(options) { _ in }
    guard case .failed(let message) = session.run("while true do end") else {
      return #expect(Bool(false), "a loop without end ends")
    }
    #expect(message.hasPrefix("took longer than") && message.hasSuffix("--limit allows more)"))
  }

  @Test func `A try that failed leaves nothing behind for the next one`() throws {
    let bench = try Bench()
    #expect(bench.run("__walk(), nothere") == "error: unknown name 'nothere'")
    #expect(bench.session.host.walk == nil)
    #expect(bench.run("try(function() end)").hasPrefix("No kept event is of that time"))
  }

  @Test(
    "Who is muted may be said in each of the ways in which the console says it",
    arguments: [
      "\"user=ana\"", "\"user\", \"ana\"", "entity(\"user\", \"ana\")",
      "alerts{entity = \"user=ana\"}[1]",
    ])
  func mutes(whom: String) throws {
    let bench = try Bench(mayWrite: true)
    let mute = "mute(\(whom), {days = 1, reason = \"x\", anyway = true}).mutes[1]"
    #expect(bench.run("(function() local m = \(mute) return m.entity end)()") == "user=ana\n")
  }

  @Test(
    "What an event verb cannot use is said",
    arguments: [
      (
        "whynot(\"auth.login-burst\")",
        "error: whynot needs a rule and an event (such as whynot(\"auth.login-burst\", events{limit = 1}[1]))"
      ),
      (
        "whatif(\"e1\")",
        "error: whatif needs other values of the event's fields (such as whatif(event, {amount = 10}))"
      ),
      (
        "whatif{}",
        "error: nothing is to be otherwise (give threshold, without or drop, such as whatif{without = \"auth.off-hours\"})"
      ),
      (
        "whatif{without = \"auth.login-brust\"}",
        "error: there is no rule 'auth.login-brust' (did you mean 'auth.login-burst'?)"
      ),
      (
        "whatif{threshold = 0.5}",
        "error: no model judged the kept events, so that there is no threshold (judge events with --model, and ask again)"
      ),
      ("whatif{threshold = 7}", "error: the threshold is 7 (give 0 to 1)"),
      (
        "backtest(\"auth.login-brust\")",
        "error: there is no rule 'auth.login-brust' (did you mean 'auth.login-burst'?)"
      ),
      (
        "replay(\"auth.login-burst\", \"e1\")",
        "error: the rule 'auth.login-burst' has no breakpoint (set one, such as breakpoint(\"auth.login-burst\", 10))"
      ),
      (
        "breakpoint(\"auth.login-burst\", 1)",
        "error: no code of the rule's function stands on line 1 (source(\"auth.login-burst\") shows the lines)"
      ),
      (
        "breakpoint(\"auth.login-burst\", 2)",
        "error: no code of the rule's function stands on line 2 (source(\"auth.login-burst\") shows the lines)"
      ),
      (
        "try(function(e) return 1 end)",
        "No kept event is of that time, or none has what the rule looks at.\n"
      ),
      (
        "mute(\"user=ana\", {days = 1, hours = 1})",
        "error: mute has both days and hours (give one of them)"
      ),
      (
        "alerts{last = -1 * day}",
        "error: last of alerts is no time at all (give a length such as 7 * day)"
      ),
      (
        "alerts{since = \"2026-03-31\", before = \"2026-03-30\"}",
        "error: alerts begins at 2026-03-31T00:00:00Z and ends at 2026-03-30T00:00:00Z (give since before its end)"
      ),
      (
        "alerts{hours = {22}}",
        "error: hours of alerts are not two hours of the day (give the first and the one before which it ends, such as {22, 6})"
      ),
      ("alerts{state = \"nwe\"}", "error: unknown state 'nwe' (did you mean 'new'?)"),
      (
        "alerts{except = {}}",
        "error: except of alerts has nothing in it (such as {rule = \"fraud.*\"})"
      ),
      (
        "alerts{cost = {abvoe = 1}}",
        "error: cost of alerts has no option 'abvoe' (did you mean 'above'?)"
      ),
      (
        "tally{by = {\"rule\", \"rule\"}}",
        "error: by of tally is a list of 2 (give one key or two different ones)"
      ),
      ("tally{by = \"rule\", sum = \"cots\"}", "error: unknown sum 'cots' (did you mean 'cost'?)"),
      (
        "measure{sum = \"a\", mean = \"a\"}",
        "error: measure has both sum and mean (give one of them)"
      ),
      (
        "events{fields = {amount = {abvoe = 1}}}",
        "error: the field 'amount' has no option 'abvoe' (did you mean 'above'?)"
      ),
      (
        "events{fields = {amount = {}}}",
        "error: the field 'amount' has no value (give one, or a list such as {\"EUR\", \"USD\"})"
      ),
      ("mute(\"user\", \"ana\", {})", "error: mute needs days or hours (such as {days = 7})"),
      ("mute({})", "error: mute needs an entity (such as mute(\"user=ana\", {days = 7}))"),
      (
        "alerts{since = \"2026-01-01\", last = day}",
        "error: alerts has both last and since (give one of them)"
      ),
      (
        "events{since = \"2026-01-01\", last = day}",
        "error: events has both last and since (give one of them)"
      ),
      (
        "incidents{since = \"2026-01-01\", last = day}",
        "error: incidents has both last and since (give one of them)"
      ),
      (
        "ledger{since = \"2026-01-01\", last = day}",
        "error: ledger has both last and since (give one of them)"
      ),
      (
        "try(function() end, {since = \"2026-01-01\", last = day})",
        "error: try has both last and since (give one of them)"
      ),
      (
        "backtest(\"auth.login-burst\", {since = \"2026-01-01\", last = day})",
        "error: backtest has both last and since (give one of them)"
      ),
      (
        "whatif{days = 7, last = day, threshold = 0.5}",
        "error: whatif has both last and days (give one of them)"
      ),
      ("whatif{days = -5, threshold = 0.5}", "error: days is -5 (give 1 to 10000000)"),
      (
        "whatif{days = 1e300, threshold = 0.5}",
        "error: days of whatif is number that cannot be used (give a whole number)"
      ),
      (
        "__feature(1, \"x\")",
        "error: f is known only while try goes through events (keep a value of it, such as f.event_count_1h)"
      ),
      (
        "__walk(), __walk()",
        "error: try cannot stand inside of the function of another try (try them one after the other)"
      ),
      (
        "acknowledge(\"1aaa\")",
        "error: acknowledge would change the data directory, and this console only reads (start it with --write)"
      ),
    ])
  func refuses(source: String, expected: String) throws {
    #expect(try Bench().run(source) == expected)
  }
}
