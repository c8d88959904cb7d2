import Cases
import Console
import Foundation
import Primitives
import Testing

@testable import Repl

@Suite("Values") struct ValueTests {
  @Test func `A list of alerts is a table that fits`() throws {
    let text = try Bench().run("alerts{entity = \"card=4711\"}")
    #expect(
      text == """
        Alert       Time                 Severity  Of         What                      Rule                Cost
        10aaaaaaaa  2026-03-01 13:55:00  critical  card=4711  Title of fraud.high-val…  fraud.high-value  $5,000
        11aaaaaaaa  2026-02-28 13:00:00  high      card=4711  Title of fraud.card-tes…  fraud.card-testi…   $100

        """
        || text.split(separator: "\n").allSatisfy { displayWidth($0) <= 100 }
          && text.contains("10aaaaaaaa  2026-03-01 13:55:00  critical  card=4711")
    )
  }

  @Test func `An alert is its card`() throws {
    #expect(
      try Bench().run("alert(\"10\")") == """
        Title of fraud.high-value: something happened.
        Risk HIGH · est. cost $5,000 · SLA 5 min · fraud_team
        Do: look
          · f 1; usually 2
        2026-03-01 13:55:00 · event e16 of s · rule fraud.high-value
        alert 10aaaaaaaaaaaaaaaaaa · open

        """)
  }

  @Test func `Counts are bars, alerts over time are a sparkline`() throws {
    let bench = try Bench()
    #expect(
      bench.run("tally{by = \"rule\", field = \"user\"}") == """
        rule              alerts
        auth.off-hours         4  ████████████████████████████████████████
        auth.login-burst       2  ████████████████████

        """)
    #expect(
      bench.run("timeline{by = \"day\"}") == """
        alerts a day  2026-02-27 – 2026-03-01
        ▂▂█
        least 1 (2026-02-27), most 7 (2026-03-01), last 7

        """)
    #expect(bench.run("spark({1, 5, 2, 8})") == "▂▅▃█\nleast 1, most 8, last 8\n")
    #expect(
      bench.run("tally{by = \"user\", top = 1, last = 1 * day}").hasPrefix(
        "user  alerts\nana        6"))
  }

  @Test func `Modes write the same value as JSON, CSV and Lua`() throws {
    let bench = try Bench()
    let source = "tally{by = \"severity\", field = \"card\"}"
    #expect(
      bench.run(source, .csv) == "alerts,by,value\n1,severity,critical\n1,severity,high\n")
    #expect(
      bench.run(source, .lua)
        == "{{alerts = 1, by = \"severity\", value = \"critical\"}, {alerts = 1, by = \"severity\", value = \"high\"}}\n"
    )
    let json = try JSONValue.parse(Array(bench.run(source, .json).utf8))
    #expect(json.list?.count == 2)
    #expect(
      bench.run("{day, time(\"2026-03-01\")}", .lua)
        == "{86400 * second, time(\"2026-03-01T00:00:00Z\")}\n")
  }

  @Test func `What events hold moves no cursor and is no formula`() throws {
    let bench = try Bench()
    for source in [
      "alerts{field = \"device\"}", "alerts{field = \"device\"}[1]", "why{field = \"device\"}",
      "tally{by = \"device\"}", "tally{by = \"entity\"}",
    ] {
      let text = bench.run(source)
      #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"), "\(source)")
      #expect(text.contains("calc") || text.contains("\\u{1B}"), "\(source)")
    }
    #expect(bench.run("alerts{field = \"device\"}", .csv).contains("'=cmd|' /C calc'!A0"))
    #expect(bench.run("\"a\\27[2Jb\"") == "a\\u{1B}[2Jb\n")
  }

  @Test(
    "A table's own keys are its own, whatever they are called, and say nothing about its length",
    arguments: [
      ("{1, [\"#\"] = math.mininteger}", "1  1\n#  -9223372036854775808\n"),
      ("{1, [\"#\"] = 5}", "1  1\n#  5\n"), ("{[\"…\"] = 2, a = 1}", "a  1\n…  2\n"),
      ("{1, [\"@length\"] = 7}", "1  1\n"), ("{a = 1, [\"@left_out\"] = 7}", "a  1\n"),
      ("{{[\"@more\"] = math.mininteger, a = 1}}", "a\n1\n"),
    ])
  func ownKeys(source: String, expected: String) throws {
    #expect(try Bench().run(source) == expected)
  }

  @Test func `Keys like the marks of lists are in JSON, CSV and Lua`() throws {
    let bench = try Bench()
    let source = "{[\"#\"] = 1, [\"…\"] = 2}"
    #expect(bench.run(source, .json) == "{\n  \"#\": 1,\n  \"…\": 2\n}\n")
    #expect(bench.run(source, .csv) == "#,…\n1,2\n")
    #expect(bench.run(source, .lua) == "{[\"#\"] = 1, [\"…\"] = 2}\n")
  }

  @Test func `An answer of SQL holds so many bytes, and says that it was cut`() throws {
    let bench = try Bench()
    let text = "printf('%.*c', 4194304, 'x')"
    let source = """
      sql([[with recursive n(x) as (select 1 union all select x + 1 from n) select x, \(text) as t from n]], {limit = 20})
      """
    #expect(bench.run("#\(source)") == "3\n")
    #expect(
      bench.run(source).hasSuffix(
        "… there are more: an answer holds at most 16 MiB, ask for fewer rows or columns\n"))
  }

  @Test func `SQL reads and nothing else`() throws {
    let bench = try Bench()
    #expect(
      bench.run("sql(\"select rule, count(*) as n from alerts where entity = 'ana' group by 1\")")
        == """
        rule              n
        auth.login-burst  2
        auth.off-hours    4

        """)
    let refused = "error: only questions that read are answered here (write a select)"
    for text in [
      "delete from alerts", "update alerts set status = 'closed'", "attach 'x.db' as x",
      "pragma query_only = off", "create table t (x)", "vacuum into '/tmp/x'", "begin",
      "select * from pragma_table_info('alerts')",
    ] {
      #expect(bench.run("sql([[\(text)]])") == refused, "\(text)")
    }
    #expect(
      bench.run("sql([[select 1; delete from alerts]])")
        == "error: one question at a time (leave out what follows the first ';')")
    #expect(
      bench.run(
        "sql([[with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n]], {seconds = 0.05})"
      )
        == "error: the question took longer than 0.05 s (ask for less, or give sql(text, {seconds = …}))"
    )
    #expect(
      bench.run(
        "#sql([[with recursive n(x) as (select 1 union all select x + 1 from n) select x from n]], {limit = 3})"
      )
        == "3\n")
    #expect(bench.run("sql([[selct]])").hasPrefix("error: SQL: near \"selct\": syntax error"))
    #expect(bench.run("count{}") == "9\n")
  }

  @Test func `What changed is held against the time before`() throws {
    #expect(
      try Bench().run("changed{last = 1 * day, field = \"card\"}") == """
        rule                before  after  before_a_day  after_a_day
        fraud.high-value         0      1             0            1
        fraud.card-testing       1      0             1            0

        """)
  }

  @Test func `A profile tells of one entity`() throws {
    let text = try Bench().run("entity(\"user\", \"ana\")")
    #expect(
      text.hasPrefix(
        "user ana  6 alerts, 6 open, worst high\nfrom 2026-03-01 04:00 to 2026-03-01 09:00\n"))
  }
}
