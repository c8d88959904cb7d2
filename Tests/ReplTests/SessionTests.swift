import Foundation
import Primitives
import Scripting
import Testing

@testable import Repl

@Suite("A conversation") struct SessionTests {
  @Test(
    "What is typed gives what Lua gives",
    arguments: [
      ("1 + 1", "2\n"), ("\"a\", 2", "a\n2\n"), ("nil", ""), ("x = 5", ""),
      ("{1, 2, 3}", "1  1\n2  2\n3  3\n"),
      ("-- only a comment", ""), ("{}", "nothing\n"), ("{a = 1, b = {1, 2}}", "a  1\nb  1, 2\n"),
      ("90 * minute", "1 h 30 min\n"),
      ("time(\"2026-03-01 14:00\") - 1 * hour", "2026-03-01 13:00:00\n"),
      ("1; 2", "error: syntax error near <eof>"), ("function() end", "function of line 1\n"),
    ])
  func gives(source: String, expected: String) throws {
    let bench = try Bench()
    let answer = bench.run(source)
    if source == "1; 2" {
      #expect(answer.hasPrefix("error: "))
    } else {
      #expect(answer == expected)
    }
  }

  @Test(
    "What has no end yet is continued",
    arguments: ["alerts{", "1 +", "for i = 1, 3 do", "function f()", "x = {1,\n2", "[[text", "f("])
  func continues(source: String) throws {
    #expect(try Bench().run(source) == "incomplete")
  }

  @Test func `A name that was set stays, and the last value is the underscore`() throws {
    let bench = try Bench()
    _ = bench.run("x = alerts{limit = 2}")
    #expect(bench.run("#x") == "2\n")
    #expect(bench.run("_") == "2\n")
  }

  @Test(
    "A misspelt name is answered with the nearest",
    arguments: [
      ("alrts{}", "error: unknown name 'alrts', did you mean 'alerts'?"),
      (
        "alerts{severty = \"high\"}",
        "error: alerts has no option 'severty' (did you mean 'severity'?)"
      ),
      ("alerts{severity = \"hihg\"}", "error: unknown severity 'hihg' (did you mean 'high'?)"),
      (
        "alerts{rule = \"auth.of-hours\"}",
        "error: no alert has the rule 'auth.of-hours' (did you mean 'auth.off-hours'?)"
      ),
      ("tally{by = \"usr\"}", "error: unknown key 'usr' (did you mean 'user'?)"),
      ("entity(\"usr\", \"ana\")", "error: no alert is about a 'usr' (did you mean 'user'?)"),
      ("entity(\"user\", \"anna\")", "error: no alert has the user 'anna' (did you mean 'ana'?)"),
      (
        "rule(\"auth.login-brust\")",
        "error: there is no rule 'auth.login-brust' (did you mean 'auth.login-burst'?)"
      ),
      (
        "alerts{since = \"soon\"}",
        "error: since of alerts is text that cannot be used (give a time such as \"2026-03-20 14:00\")"
      ),
      (
        "alerts{last = 7}",
        "error: last of alerts is number that cannot be used (give a length of time such as 7 * day)"
      ),
      (
        "alerts(\"ana\")",
        "error: alerts takes a table of options, not text (such as alerts{last = 1 * day}; 'help alerts' shows more)"
      ),
      (
        "alert(\"zz\")",
        "error: no alert has an id that starts with 'zz' (moonwatch alerts list shows them)"
      ),
    ])
  func suggests(source: String, expected: String) throws {
    #expect(try Bench().run(source) == expected)
  }

  @Test func `Nothing is decided by a conversation that only reads`() throws {
    let bench = try Bench()
    let refused =
      "would change the data directory, and this console only reads (start it with --write)"
    #expect(bench.run("close(\"1aaa\", {as = \"benign\"})") == "error: close \(refused)")
    #expect(bench.run("reopen(\"1aaa\")") == "error: reopen \(refused)")
    #expect(bench.run("feedback(\"1aaa\", \"benign\")") == "error: feedback \(refused)")
    #expect(bench.run("count{status = \"closed\"}") == "0\n")
  }

  @Test func `A conversation that may write closes and opens`() throws {
    let bench = try Bench(mayWrite: true)
    #expect(
      bench.run(
        "close(alerts{rule = \"fraud.high-value\"}[1], {as = \"false-positive\", note = \"a test\"}).status"
      )
        == "closed\n")
    #expect(bench.run("alerts{disposition = \"false-positive\"}[1].note") == "a test\n")
    #expect(bench.run("reopen(\"10\").status") == "open\n")
  }

  @Test func `A loop without end is stopped from outside, and the conversation goes on`() throws {
    let bench = try Bench()
    let stop = bench.session.stop
    // A thread of its own: other tests may hold all those that tasks share.
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.1)
      stop.raise()
    }
    #expect(bench.run("while true do end") == "stopped")
    stop.lower()
    #expect(bench.run("1 + 1") == "2\n")
  }

  @Test func `A value of a million rows is counted and its first rows are shown`() throws {
    let bench = try Bench()
    _ = bench.run("t = {} for i = 1, 1000000 do t[i] = i end")
    let shown = bench.run("t").split(separator: "\n")
    #expect(shown.count == 1001)
    #expect(shown.first == "1  1")
    #expect(
      shown.last == "… and 999,000 more: narrow it down, or write it to a file with > rows.csv")
    #expect(bench.run("#_") == "1000000\n")
    #expect(
      bench.run("string.rep(\"x\", 300 * 1024 * 1024)")
        == "error: needs more than 256 MiB of memory")
    #expect(bench.run("1") == "1\n")
  }

  @Test func `A table that holds itself is cut, not followed`() throws {
    let bench = try Bench()
    #expect(bench.run("t = {} t.t = t") == "")
    #expect(bench.run("t").hasPrefix("t  "))
    #expect(bench.run("deep = {} at = deep for i = 1, 100000 do at.x = {} at = at.x end") == "")
    #expect(bench.run("deep", .lua).hasPrefix("{x = {x = "))
  }
}
