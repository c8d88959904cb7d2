import Primitives
import Store
import Testing

@testable import Repl

@Suite("Lines") struct LineTests {
  private var completer: Completer {
    Completer(
      Completer.Names(
        rules: { ["auth.login-burst", "auth.off-hours", "fraud.high-value"] },
        scenarios: { ["auth.login-burst"] }, fields: { ["card", "user"] },
        values: { key in key == .field("user") ? ["ana", "ben", "evil\"quote", "\u{1B}[2J"] : [] },
        ids: { prefix in ["7dbd1af203", "7d00000000"].filter { $0.hasPrefix(prefix) } },
        eventFields: { ["amount", "user"] }, features: { ["event_count_1h", "hour_rarity"] },
        lists: { ["blocked", "vips"] }))
  }

  @Test(
    "A tab offers what may stand there",
    arguments: [
      ("aler", "aler", ["alert", "alerts"]), ("alerts{sev", "sev", ["severity"]),
      ("alerts{severity = \"hi", "hi", ["high"]),
      ("alerts{severity = \"high\", ru", "ru", ["rule"]),
      ("alerts{rule = \"auth.", "auth.", ["auth.login-burst", "auth.off-hours"]),
      ("rule(\"fr", "fr", ["fraud.high-value"]), ("why(\"7d", "7d", ["7d00000000", "7dbd1af203"]),
      ("entity(\"u", "u", ["user"]), ("entity(\"user\", \"", "", ["ana", "ben"]),
      ("alerts{entity = \"user=", "user=", ["user=ana", "user=ben"]),
      ("tally{by = \"us", "us", ["user"]), ("help al", "al", ["alert", "alerts"]),
      (":mo", ":mo", [":mode", ":more"]), ("plant(\"", "", ["auth.login-burst"]),
      ("alerts{}[1].sev", "sev", ["severity"]), ("close(\"7d\", {as = \"ben", "ben", ["benign"]),
      ("close(\"7d\", {no", "no", ["note"]), ("set{mode = \"j", "j", ["json"]),
      ("? which us", "us", ["user"]), ("zzz", "zzz", []),
      ("try(function(e, f) return f.ho", "ho", ["hour_rarity"]),
      ("try(function(e) return e.am", "am", ["amount"]),
      ("whatif{without = \"fr", "fr", ["fraud.high-value"]),
      ("history{feature = \"ev", "ev", ["event_count_1h"]),
      ("whynot(\"auth.of", "auth.of", ["auth.off-hours"]),
      ("breakpoint(\"auth.l", "auth.l", ["auth.login-burst"]),
      ("prove(\"7db", "7db", ["7dbd1af203"]),
      ("mute(\"user=a", "user=a", ["user=ana"]),
      ("at(\"2026-03-01 14:00\").ru", "ru", ["rule", "rules"]),
      ("at(time(\"2026-03-01\")).li", "li", ["list", "lists"]),
      ("at(\"2026-03-01\", {entity = \"user=ana\"}).mo", "mo", ["model", "model_file"]),
      ("at(\"2026-03-01\").rule(\"fr", "fr", ["fraud.high-value"]),
      ("at(\"2026-03-01\").list(\"b", "b", ["blocked"]),
      ("at(\"2026-03-01\", {so", "so", ["source"]),
    ])
  func completes(line: String, typed: String, candidates: [String]) {
    let found = completer.complete(line)
    #expect(found.typed == typed)
    #expect(found.candidates == candidates)
  }

  @Test(
    "A line ends in a file only where it looks like one",
    arguments: [
      ("alerts{} > out.csv", "out.csv"), ("alerts{} > /tmp/x.json", "/tmp/x.json"), ("a > b", nil),
      ("a > b.c", nil), ("x > 5", nil), ("print(\"a > b.csv\")", nil), ("f(a > b.csv)", nil),
    ])
  func redirects(line: String, path: String?) {
    #expect(Redirect(line)?.path == path)
  }

  @Test func `The console's own words are told from Lua`() {
    #expect(MetaLine("help alerts") == .help("alerts"))
    #expect(MetaLine("help = 5") == nil)
    #expect(MetaLine("? why was card 4711 blocked") == .question("why was card 4711 blocked"))
    #expect(MetaLine(":mode  json") == .mode("json"))
    #expect(MetaLine("::label::") == nil)
    #expect(MetaLine(":mod json") == .unknown(":mod"))
    #expect(MetaLine("alerts{}") == nil)
    #expect(
      MetaLine.suggestion(for: "hlep ", "unknown name 'hlep'") == ", did you mean 'help'?")
    #expect(MetaLine.suggestion(for: "hlep()", "unknown name 'hlep'") == "")
    #expect(MetaLine.suggestion(for: "nothere", "unknown name 'nothere'") == "")
  }

  @Test func `Help begins with examples and each of them is understood`() throws {
    let bench = try Bench()
    for verb in Verb.all {
      #expect(Help.text(verb.name).hasPrefix("  \(verb.examples[0])\n"))
      for example in verb.examples {
        let answer = bench.session.run("if false then local x = \(example) end")
        guard case .values(0) = answer else {
          Issue.record("\(example): \(answer)")
          continue
        }
      }
    }
    #expect(Help.text("alrts") == "there is no help on 'alrts' (did you mean 'alerts'?)\n")
  }

  @Test func `A long text is shown a screen at a time`() {
    var pages = Pages()
    let text = (1...25).map { "\($0)\n" }.joined()
    #expect(pages.show(text, lines: nil) == text)
    #expect(pages.show("1\n2\n3\n", lines: 2) == "1\n2\n3\n")
    #expect(pages.show(text, lines: 10).hasSuffix("10\n… 15 more lines (Enter shows them)\n"))
    #expect(pages.next(lines: 10).hasPrefix("11\n"))
    #expect(pages.next(lines: 10) == "21\n22\n23\n24\n25\n")
    #expect(pages.isEmpty)
  }
}
