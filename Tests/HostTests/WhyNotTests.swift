import Cases
import Detection
import Foundation
import Ingest
import Learning
import Plugins
import Primitives
import Store
import Testing

@testable import Host

@Suite("Why a rule stayed silent", .timeLimit(.minutes(20)))
struct WhyNotTests {
  private static let rules = [
    "burst.lua": """
    return rule {
      id = "t.burst", title = "Burst", severity = "high", on = { kind = "login" }, per = "user",
      features = { n = count { within = 10 * minute } },
      when = { n = at_least(5), outcome = "failure" },
      detect = function(event, f)
        if event.channel ~= "quiet" then return "{n} logins by {user}" end
      end,
    }
    """,
    "sequence.lua": """
    return rule {
      id = "t.sequence", title = "Guessed", severity = "high",
      sequence = {
        { kind = "login", outcome = "failure", times = 3 }, { kind = "login", outcome = "success" },
        within = 1 * hour, by = "user",
      },
      without = { kind = "logoff" },
    }
    """,
    "left.lua": """
    return rule {
      id = "t.left", title = "Left in", severity = "low",
      sequence = { { kind = "connect" }, within = 3 * hour, by = "device" },
      without = { kind = "disconnect" },
    }
    """,
    "flat.lua": """
    return rule {
      id = "t.flat", title = "Silent", severity = "low",
      flatline = { { kind = "metric" }, within = 2 * hour, by = "series", after = 3 },
    }
    """,
    "dedup.lua": """
    return rule {
      id = "t.dedup", title = "Dedup", severity = "low", on = { kind = "logoff", outcome = "dedup" },
      dedup = { by = "channel", within = 1 * hour },
    }
    """,
    "led.lua": """
    return {
      rule { id = "t.strong", title = "Strong", severity = "high", on = { kind = "logoff", outcome = "led" } },
      rule { id = "t.weak", title = "Weak", severity = "low", on = { kind = "logoff", outcome = "led" } },
    }
    """,
    "flood.lua": """
    return rule {
      id = "t.flood", title = "Flood", severity = "low", on = { kind = "logoff", outcome = "flood" },
    }
    """,
    "broken.lua": """
    return rule {
      id = "t.broken", title = "Broken", severity = "low", on = { kind = "transaction" },
      detect = function(event) error("it is broken") end,
    }
    """,
    "scored.lua": """
    return rule {
      id = "t.score", title = "Scored", severity = "low", on = { kind = "transaction" },
      when = { score = at_least(0.5) },
    }
    """,
    "fields.lua": """
    return rule {
      id = "t.fields", title = "Fields", severity = "low", on = { kind = "transaction", FIELD = present },
    }
    """,
    "wrong.lua": """
    return rule { id = "t.wrong", titel = "Wrong", severity = "low", on = { kind = "login" } }
    """,
  ]

  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch()
    var settings = try shipped(scratch)
    // A field of another source, which these events do not carry.
    let all = try Installation(settings).vocabulary.fields.keys
    let own = Set(try Installation.source("generic-jsonl", settings).fields.map(\.name))
    let foreign = try #require(all.filter { !own.contains($0) }.min())
    for (name, text) in WhyNotTests.rules {
      try scratch.write("plugins/\(name)", text.replacing("FIELD", with: foreign))
    }
    settings.plugins = [scratch.path + "/plugins"]
    settings.floodLimit = 20
    self.settings = settings
  }

  private func detect(_ events: [EventRecord], _ more: String = "") throws {
    let path = try scratch.write(
      "events.jsonl", events.map(EventWriter.line).joined(separator: "\n") + "\n" + more)
    _ = try DetectJob(
      settings: settings, options: DetectOptions(inputs: [path], source: "generic-jsonl")
    ).run(progress: NoProgress())
  }

  @Test("Of a thousand planted misses each is named by its cause")
  func planted() throws {
    let planted = PlantedMisses()
    #expect(planted.plants.count(where: { $0.cause != .raised }) >= 1000)
    let stream = planted.stream
    do {
      let ben = AlertStore(
        try Database.open(dataDirectory: settings.dataDirectory),
        pen: AuditPen(Actor(.person, "ben", account: "root")))
      for turn in 0..<50 {
        try ben.addMute(
          entity: Entity(field: "user", value: "muted-\(turn)"), rule: nil,
          from: Timestamp(seconds: PlantedMisses.start - 86_400),
          until: Timestamp(seconds: PlantedMisses.start + 864_000), reason: "a known test")
      }
    }
    try detect(stream)
    let store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory, access: .readOnly))
    let kept = RetainedEvents(store) { Issue.record("\($0)") }
    let source = try #require(try kept.streams().first)
    #expect(source.events == stream.count)
    let installation = try Installation(settings)
    let numbers = Dictionary(
      uniqueKeysWithValues: stream.enumerated().map { ($0.element.id, $0.offset) })
    for (id, plants) in Dictionary(grouping: planted.plants, by: \.rule) {
      let rule = try #require(installation.plugins.rules.first { $0.id == id })
      let targets = Dictionary(
        uniqueKeysWithValues: plants.map { plant in
          let number = numbers[plant.event] ?? -1
          return (number, stream[number])
        })
      let misses = try MissFinder(
        rule, on: targets, of: source, in: kept, store: store, installation: installation,
        settings: settings
      ).find(progress: NoProgress())
      for plant in plants {
        let miss = try #require(misses[numbers[plant.event] ?? -1])
        #expect(miss.cause == plant.cause, "\(id) on \(plant.event): \(miss.sentence)")
        #expect(
          miss.sentence.contains(plant.says) || plant.says.isEmpty,
          "\(id) on \(plant.event): \(miss.sentence), not \(plant.says)")
        if let shortfall = plant.shortfall {
          #expect(miss.failing?.shortfall == shortfall)
          #expect(miss.windows.first?.value == 5 - shortfall)
        }
      }
    }
  }

  private func ask(_ rule: String, _ event: String) throws -> Miss {
    try Control(settings: settings).whyNot(rule: rule, event: event, progress: NoProgress())
  }

  @Test(
    "A rule or an event that is not there is told by the nearest, and a broken file or record by its problem"
  )
  func unknown() throws {
    try detect(
      (0..<5).map { login("event-\($0)", at: Int64($0), outcome: "failure") },
      #"{"time":"never","id":"event-9","kind":"login","user":"ana"}"# + "\n")
    #expect(
      failure { _ = try ask("t.brst", "event-1") }
        == "there is no rule 't.brst' (did you mean 't.burst'?)")
    #expect(
      failure { _ = try ask("t.burst", "evnt-1") }
        == "no event 'evnt-1' is kept (did you mean 'event-1'?)")
    #expect(
      failure { _ = try ask("t.burst", "something else") }
        == "no event 'something else' is kept "
        + "(events are kept for as long as retention.days and retention.bytes allow)")
    let wrong = try ask("t.wrong", "event-1")
    #expect(wrong.cause == .notInstalled)
    #expect(
      wrong.sentence.hasPrefix(
        "the rule is not installed: \(scratch.path)/plugins/wrong.lua:1: rule: "))
    let dead = try ask("t.burst", "event-9")
    #expect(dead.cause == .deadLetter)
    #expect(
      dead.sentence.hasPrefix("it is among the dead letters (bad_time): "), "\(dead.sentence)")
    let raised = try ask("t.burst", "event-4")
    #expect(raised.cause == .raised && raised.alert != nil)
    let json = raised.json.serialized()
    #expect(json.contains(#""cause":"raised""#) && json.contains(#""first_failed":null"#))
  }

  @Test(
    "Where a rule's function returned nothing, the comparison that decided is told with both its sides"
  )
  func decidingLine() throws {
    try scratch.write(
      "plugins/lines.lua",
      """
      return rule {
        id = "t.lines", title = "Lines", severity = "low", on = { kind = "login" },
        features = { logins_5m = count { within = 5 * minute } },
        detect = function(event, f)
          local limit = 8
          -- if it is no more than usual
          if f.logins_5m >= limit and event.user ~= "if" then
            return "many"
          end
        end,
      }
      """)
    try detect((0..<3).map { login("e\($0)", at: Int64($0), outcome: "failure") })
    let miss = try ask("t.lines", "e2")
    #expect(miss.cause == .detectNothing)
    let line = try #require(miss.decidedAt)
    #expect(line.line == 7)
    #expect(line.parts.map(\.test) == ["logins_5m >= limit"])
    #expect(line.parts.first?.value == .number(3) && line.parts.first?.threshold == .number(8))
    #expect(
      miss.sentence.hasSuffix(
        "returned nothing at line 7: logins_5m 3 is not at least limit = 8: 5 too low"),
      "\(miss.sentence)")
    #expect(miss.json["first_failed"]?["shortfall"]?.number == 5)
    #expect(miss.json["decided_at"]?["line"]?.integer == 7)
  }

  @Test("An event that names nobody is told so by a rule that counts for somebody")
  func nobody() throws {
    try detect(
      (0..<3).map { login("e\($0)", at: Int64($0), outcome: "failure") },
      "{\"time\":\"\(login("x", at: 5).time)\",\"id\":\"nobody\",\"kind\":\"login\","
        + "\"outcome\":\"failure\",\"channel\":\"web\"}\n")
    let miss = try ask("t.burst", "nobody")
    #expect(miss.cause == .noEntity, "\(miss.sentence)")
    #expect(miss.sentence.hasPrefix("it has no 'user'"), "\(miss.sentence)")
  }

  @Test("The detector of series answers for itself")
  func series() throws {
    let values = (0..<20).map { place in
      EventRecord(
        time: Timestamp(seconds: PlantedMisses.start + Int64(place) * 300), id: "m\(place)",
        source: "generic-jsonl", kind: "metric",
        fields: ["series": .text("cpu"), "value": .number(Double(place % 5))],
        primaryField: "series")
    }
    try detect(values + [login("e", at: 9_000, outcome: "failure")])
    let young = try ask("series.unusual", "m19")
    #expect(young.cause == .notKnown && young.sentence.contains("too young"), "\(young.sentence)")
    #expect(try ask("series.unusual", "e").cause == .kind)
    #expect(
      failure { _ = try ask("series.unusal", "e") }
        == "there is no rule 'series.unusal' (did you mean 'series.unusual'?)")
  }

  @Test(
    "An alert that was raised is told with its incident, and with the budget that leaves it out")
  func raised() throws {
    try detect(
      (0..<5).map { login("e\($0)", at: Int64($0), outcome: "failure") }
        + (5..<8).map { login("e\($0)", at: Int64($0) + 30_000, outcome: "failure") }
        + [login("e8", at: 30_010, outcome: "success")])
    let alone = try ask("t.burst", "e4")
    #expect(alone.cause == .raised)
    #expect(
      alone.sentence.contains(", number 1 of the 2 alerts of incident inc-"), "\(alone.sentence)")
    var tight = settings
    tight.judgement.budget = AlertBudget(count: 1, share: .day)
    let causes = try [("t.burst", "e4"), ("t.sequence", "e8")].map { rule, event in
      try Control(settings: tight).whyNot(rule: rule, event: event, progress: NoProgress())
    }
    #expect(Set(causes.map(\.cause)) == [.raised, .beyondBudget])
    let left = try #require(causes.first { $0.cause == .beyondBudget })
    #expect(
      left.sentence.contains(
        "stands behind the 1 alert a day that there is time for (queue.budget)"),
      "\(left.sentence)")
  }

  @Test("A mute made since is told apart from an alert that was told before it")
  func mutedSince() throws {
    try detect((0..<5).map { login("e\($0)", at: Int64($0), outcome: "failure") })
    do {
      let store = AlertStore(try Database.open(dataDirectory: settings.dataDirectory))
      try store.addMute(
        entity: Entity(field: "user", value: "ana"), rule: nil, from: .distantPast,
        until: .distantFuture, reason: "later")
    }
    let told = try ask("t.burst", "e4")
    #expect(told.alert != nil && told.cause != .muted)
    let alert = try #require(try Control(settings: settings).list().first).alert
    let card = try Control(settings: settings).prove(alert.id, progress: NoProgress())
    #expect(
      card.sentence == "the kept events do not lead to it: mute 1 keeps it quiet now",
      "\(card.sentence)")
  }

  @Test("What the model or the detector of series finds is not taken for the rule's own finding")
  func others() throws {
    try scratch.write(
      "plugins/own.lua",
      """
      return {
        rule { id = "t.large", title = "Large", severity = "low", on = { kind = "transaction" },
          when = { score = at_least(0.5), amount = at_least(100) } },
        rule { id = "t.high", title = "High", severity = "low", on = { kind = "metric" },
          when = { value = at_least(1000000) } },
      }
      """)
    let model = try constantModel(try features(of: "generic-jsonl", settings), threshold: 0.5)
    let place = scratch.path + "/model.json"
    try OutputFile.write(ModelFile.encode(model), to: place)
    func event(
      _ id: String, _ kind: String, at seconds: Int64, _ fields: [String: Value], of primary: String
    ) -> EventRecord {
      EventRecord(
        time: Timestamp(seconds: PlantedMisses.start + seconds), id: id, source: "generic-jsonl",
        kind: kind, fields: fields, primaryField: primary)
    }
    var events: [EventRecord] = []
    for number in 0..<600 {
      let value = number == 599 ? 900.0 : 50 + Double(number % 7)
      events.append(
        event(
          "m\(number)", "metric", at: Int64(number * 300),
          ["series": .text("cpu"), "value": .number(value)], of: "series"))
    }
    for (number, user) in ["ana", "ben"].enumerated() {
      events.append(
        event(
          "p\(number)", "transaction", at: 180_000 + Int64(number),
          ["user": .text(user), "amount": .number(5)], of: "user"))
    }
    do {
      let store = AlertStore(try Database.open(dataDirectory: settings.dataDirectory))
      try store.addMute(
        entity: Entity(field: "user", value: "ben"), rule: nil, from: .distantPast,
        until: .distantFuture, reason: "test")
    }
    let path = try scratch.write(
      "events.jsonl", events.map(EventWriter.line).joined(separator: "\n") + "\n")
    _ = try DetectJob(
      settings: settings,
      options: DetectOptions(inputs: [path], source: "generic-jsonl", model: place)
    ).run(progress: NoProgress())
    let control = Control(settings: settings)
    #expect(try control.list(limit: 1000).contains { $0.alert.eventID == "m599" })
    #expect(try control.list(limit: 1000).contains { $0.alert.eventID == "p0" })
    let says = [
      ("t.large", "p0", "when: amount at least 100 does not hold, it is 5, 95 short"),
      ("t.large", "p1", "when: amount at least 100 does not hold, it is 5, 95 short"),
      ("t.high", "m599", "when: value at least 1,000,000 does not hold, it is 900, 999,100 short"),
    ]
    for (rule, event, sentence) in says {
      let miss = try ask(rule, event)
      #expect(miss.cause == .condition, "\(rule) on \(event): \(miss.sentence)")
      #expect(miss.sentence == sentence)
    }
    let series = try ask("series.unusual", "m599")
    #expect(series.cause == .raised && series.alert != nil, "\(series.sentence)")
    let calm = try ask("series.unusual", "m590")
    #expect(calm.cause == .condition && calm.sentence.contains(" of 1, and an alarm takes 0.5"))
    // What it does find stays found, though the model found it, too.
    #expect(try ask("t.score", "p0").alert != nil)
    #expect(try ask("t.score", "p1").cause == .muted)
  }

  @Test("With another value the event is judged otherwise, and nothing that was kept changes")
  func whatIf() throws {
    try detect((0..<5).map { login("e\($0)", at: Int64($0), outcome: "failure") })
    let control = Control(settings: settings)
    let answer = try control.whatIf(
      event: "e4", fields: [("outcome", "success")], progress: NoProgress())
    #expect(answer.before.found.map(\.rule) == ["t.burst"])
    #expect(answer.before.alerts.count == 1)
    // A success after four failures is a guess.
    #expect(answer.after.found.map(\.rule) == ["t.sequence"])
    #expect(answer.changes.map(\.before) == ["\"failure\""])
    let back = try control.whatIf(
      event: "e3", fields: [("kind", "logoff"), ("outcome", "")], progress: NoProgress())
    #expect(back.before.found.isEmpty && back.after.found.isEmpty)
    #expect(back.changes.map(\.after) == ["logoff", "missing"])
    #expect(
      failure {
        _ = try control.whatIf(event: "e4", fields: [("outcme", "x")], progress: NoProgress())
      }
        == "the events of 'cert-logon' have no field 'outcme' (did you mean 'outcome'?)")
    #expect(
      failure {
        _ = try control.whatIf(event: "e4", fields: [("amount", "x")], progress: NoProgress())
      }
        == "'amount' is a number and not 'x' (give a number)")
    #expect(
      failure {
        _ = try control.whatIf(
          event: "e4", fields: [("amount", "-5"), ("amount", "7")], progress: NoProgress())
      } == "the field 'amount' is given two values (give each field one value)")
  }

  @Test("A rule is asked and an alert proved by the settings that the run had, and they are named")
  func settingsThen() throws {
    try detect((0..<7).map { login("e\($0)", at: Int64($0), outcome: "failure") })
    var later = settings
    later.floodLimit = nil
    later.dedupWindow = .seconds(1)
    let control = Control(settings: later)
    let alert = try #require(try control.list().first).alert
    let card = try control.prove(alert.id, progress: NoProgress())
    let changes = [
      "alerts.dedup_window was 6 hours and is 1 second", "alerts.flood_limit was 20 and is off",
    ]
    #expect(card.verdict == .same && card.settingsThen == changes, "\(card.sentence)")
    let joined = try control.whyNot(rule: "t.burst", event: "e5", progress: NoProgress())
    #expect(joined.cause == .joined && joined.settingsThen == changes)
    #expect(
      joined.sentence.contains("while each comes within 6 hours of the one before"),
      "\(joined.sentence)")
    #expect(
      try Control(settings: settings).prove(alert.id, progress: NoProgress()).settingsThen == [])
  }

  @Test("An alert whose columns were changed past the program is not proved")
  func tampered() throws {
    try detect((0..<7).map { login("e\($0)", at: Int64($0), outcome: "failure") })
    let control = Control(settings: settings)
    let alert = try #require(try control.list().first).alert
    try tamper(settings, "UPDATE alerts SET message = 'hacked'")
    let card = try control.prove(alert.id, progress: NoProgress())
    #expect(card.verdict == .differs)
    #expect(
      card.sentence
        == "it was changed past the program: the table's message does not say what the alert says; "
        + "the kept events lead to the same alert, value by value")
    #expect(
      card.differences == [
        .init(what: "the table's message", then: alert.message, now: "hacked")
      ])
  }

  @Test("A declared condition is told as its author wrote it")
  func written() throws {
    try scratch.write(
      "plugins/written.lua",
      """
      return rule { id = "t.written", title = "T", severity = "low",
        on = { kind = { "login", matches "x*" }, user = not_ { "ana", "-" } } }
      """)
    try detect([login("e0", at: 0)])
    let miss = try ask("t.written", "e0")
    #expect(
      miss.sentence
        == "on: user = not_ { \"ana\", \"-\" } does not hold, it is \"ana\"", "\(miss.sentence)")
    #expect(miss.conditions.first?.test == "kind = { \"login\", matches \"x*\" }")
  }

  @Test("A condition on a length of time is told in days and hours")
  func durations() throws {
    let card = (0..<2).map { n in
      EventRecord(
        time: Timestamp(seconds: PlantedMisses.start + Int64(n) * 79_260), id: "p\(n)",
        source: "cert-logon", kind: "transaction",
        fields: ["user": .text("ana"), "amount": .number(300)])
    }
    try scratch.write(
      "plugins/silence.lua",
      """
      return rule { id = "t.silence", title = "T", severity = "low", on = { kind = "transaction" },
        per = "user", features = { silence = since() }, when = { silence = at_least(4 * day) } }
      """)
    try detect(card)
    let miss = try ask("t.silence", "p1")
    #expect(
      miss.sentence
        == "when: silence at least 4 days does not hold, it is 22 hours 1 minute, 3 days 2 hours short",
      "\(miss.sentence)")
    #expect(miss.failing?.test == "silence at least 4 days" && miss.failing?.shortfall == 266_340)
    #expect(MissWords.span(1) == "1 second" && MissWords.span(0.5) == "0.5 seconds")
    #expect(MissWords.span(86_399.9) == "1 day" && MissWords.span(90_000) == "1 day 1 hour")
  }

  @Test("An alert is proved by its events, and what has changed since is named")
  func proving() throws {
    try detect((0..<7).map { login("e\($0)", at: Int64($0), outcome: "failure") })
    let control = Control(settings: settings)
    let alert = try #require(try control.list().first).alert
    let card = try control.prove(alert.id, progress: NoProgress())
    #expect(card.verdict == .same, "\(card.sentence) \(card.differences)")
    #expect(card.sentence == "the kept events lead to the same alert, value by value")
    #expect(card.eventIDs == ["e4"] && card.ruleDigest?.count == 64)
    let burst = try #require(WhyNotTests.rules["burst.lua"])
    try scratch.write("plugins/burst.lua", burst + "-- another file\n")
    let other = try control.prove(alert.id, progress: NoProgress())
    #expect(other.verdict == .same)
    #expect(other.differences.map(\.what) == ["plugins_digest"])
    try scratch.write("plugins/burst.lua", burst.replacing("at_least(5)", with: "at_least(6)"))
    let gone = try control.prove(alert.id, progress: NoProgress())
    #expect(gone.verdict == .differs)
    #expect(
      gone.sentence
        == "the kept events do not lead to it: nothing is found; the plugins are others now")
    try scratch.write("plugins/burst.lua", burst.replacing("\"high\"", with: "\"low\""))
    let milder = try control.prove(alert.id, progress: NoProgress())
    #expect(milder.differences.contains { $0.what == "severity" && $0.now == "\"low\"" })
  }
}
