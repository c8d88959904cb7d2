import Response

/// Every word that a plugin can use, from the tables that register them, as the reference in `docs/plugins.md` prints it.
package enum PluginReference {
  /// One word: how it is written and what it is.
  package struct Entry: Sendable {
    package let written: String
    package let sentence: String
    init(_ written: String, _ sentence: String) {
      self.written = written
      self.sentence = sentence
    }
  }

  /// Words that belong together.
  package struct Section: Sendable {
    package let title: String
    package let entries: [Entry]
  }

  /// The reference in Markdown.
  package static var markdown: String {
    sections.map { section in
      "### \(section.title)\n\n"
        + section.entries.map { "- `\($0.written)`: \($0.sentence)\n" }.joined() + "\n"
    }.joined()
  }

  package static var sections: [Section] {
    var sections: [Section] = []
    func section(_ title: String, _ entries: [Entry]) {
      sections.append(Section(title: title, entries: entries))
    }
    section("Declarations", declarations)
    section("Tests", tests)
    section("Features", FeatureWord.allCases.map(feature))
    section("Scenarios: `draw`", DrawWord.allCases.map { Entry(draw($0), sentence($0)) })
    section(
      "Inside functions",
      [
        Entry(
          "figure(x)",
          "a number as people read it: `12`, `4.7`, `0.0123`; `(missing)` where it is nil."),
        Entry(
          "list.has(name, text)",
          "whether a text is a line of a list in `config/lists`; false where it is nil."),
      ])
    section("Settings", SettingDefinition.Kind.allCases.map(setting))
    section("Acts", ActWord.allCases.map(act))
    section(
      "Parts of an alert",
      [
        Entry(
          AlertFacts.types.keys.sorted().joined(separator: ", "),
          "what `when` of an escalation or a playbook may ask for and its functions may read."),
        Entry(
          AlertFacts.unclaimed,
          "how long nobody has taken the alert on; for `when` of an escalation."),
      ])
    section("Suites: `t`", bench)
    return sections
  }

  private static let declarations = [
    Entry(
      "rule { id, title, severity, tags, on, per, sequence, without, flatline, features, when, message, detect, dedup }",
      "what is suspicious now."),
    Entry(
      "scenario { id, title, onto, needs, vary, label, inject, expect }",
      "how an attack looks, to plant it."),
    Entry(
      "mapping { id, on, rows, severity, response }",
      "what a finding means for the business, how severe it is by score and context, and the response to it; of each the first that matches."
    ),
    Entry("escalation { id, when, uses, settings, limit, run }", "whom to tell, when, how often."),
    Entry("playbook { id, when, uses, steps }", "what to do, step by step."),
    Entry("suite \"id\" { … }", "the tests of a plugin, in `x.test.lua` beside `x.lua`."),
    Entry(
      "pack { name, version, description, requires }",
      "a folder that can be handed on as it is, in its `pack.lua`."),
  ]

  private static let tests = [
    Entry(
      "at_least(n), at_most(n), above(n), below(n)",
      "a number, or a duration, compared with a bound."),
    Entry("between(low, high)", "both ends included."),
    Entry("multiple_of(n)", "a whole multiple of a number, and not 0."),
    Entry("matches \"auth.*\"", "`*` stands for any text and `?` for one character."),
    Entry(
      "matches_any_case \"*.exe\"",
      "the same, where a letter of ASCII is its other case too, as in the names of Windows."),
    Entry(
      "in_list \"name\"",
      "the text is a line of `config/lists/name.txt` or the first column of `name.csv`."),
    Entry("not_(test)", "present, and not so."),
    Entry("missing, present", "whether there is a value at all."),
  ]

  private static func feature(_ word: FeatureWord) -> Entry {
    let subject =
      switch word.subject {
      case .none: ""
      case .measure: "\"field\"?"
      case .textField: "\"field\""
      case .standard: "\"name\""
      case .features: "feature, feature"
      }
    let inside = ([subject] + word.keys).filter { !$0.isEmpty }.joined(separator: ", ")
    return Entry("\(word.rawValue) { \(inside) }", sentence(word))
  }

  private static func sentence(_ word: FeatureWord) -> String {
    switch word {
    case .count: "events in the window, this one included."
    case .distinct: "distinct values of a text field in the window, this one included."
    case .sum:
      "sum of the earlier values in the window; of `amount`, or else `value`, where no field is named."
    case .mean: "their mean."
    case .std: "their standard deviation, of the sample."
    case .min: "the least of them."
    case .max: "the largest of them."
    case .first: "the first of them."
    case .last: "the last of them."
    case .rate: "events per hour in the window."
    case .since: "seconds since the entity's previous event that passes the filter."
    case .ewma: "exponentially weighted mean of earlier values, with a half-life."
    case .zScore: "how many standard deviations of the window the value lies from its mean."
    case .ratioToMean: "the value over the mean of the window."
    case .ratioToLast: "the value over the previous one."
    case .percentChange: "the change from the first value in the window, in per cent."
    case .delta: "first or second difference to the previous values."
    case .hourRarity:
      "0 for an hour of day at which the entity is always active, near 1 for one at which it never is."
    case .new: "1 where the entity never had this value before, else 0."
    case .dailyCount: "events of the entity today."
    case .dailySum: "sum of the value today."
    case .history: "earlier events of the entity."
    case .labelRate:
      "share of the entity's events in the window that turned out to be bad, as far as that was known."
    case .sinceLabel:
      "seconds since the entity's last event that turned out to be bad, as far as that is known."
    case .seasonal:
      "how far the value lies from what is usual in its hour of the week: median and median deviation."
    case .ratio: "one feature over another."
    case .difference: "one feature less another."
    case .feature: "a standard feature under a name of your own."
    }
  }

  private static func draw(_ word: DrawWord) -> String {
    switch word {
    case .uniform: "draw.uniform(low, high)"
    case .normal: "draw.normal(mean, deviation)"
    case .exponential: "draw.exponential(mean)"
    case .integer: "draw.integer(low, high)"
    case .choice: "draw.choice(list)"
    }
  }

  private static func sentence(_ word: DrawWord) -> String {
    switch word {
    case .uniform: "a number or a duration between two."
    case .normal: "one from a normal distribution."
    case .exponential: "one from an exponential distribution."
    case .integer: "a whole number, both ends included."
    case .choice: "one of a list."
    }
  }

  private static func setting(_ kind: SettingDefinition.Kind) -> Entry {
    let sentence =
      switch kind {
      case .text: "any text."
      case .url: "an address that begins with https:// or http://."
      case .number: "a number."
      case .duration: "a length of time, such as `5 minutes`."
      case .flag: "true or false."
      case .choice: "one of its `choices`."
      case .secret:
        "stands in the environment or in a file, is seen by nobody and prints as ‹secret›."
      }
    return Entry("setting.\(kind.rawValue) { \"what it is for\", default = … }", sentence)
  }

  private static func act(_ word: ActWord) -> Entry {
    let arguments = word.arguments.map { $0.isNeeded ? $0.name : "\($0.name)?" }
    let sentence = word.sentence.prefix(1).lowercased() + word.sentence.dropFirst()
    return Entry(
      "act.\(word.rawValue) { \(arguments.joined(separator: ", ")) }",
      "\(sentence) Needs `uses = { \"\(word.capability)\" }`.")
  }

  private static let bench = [
    Entry(
      "t:send(event, { times, every, at })",
      "sends an event, or a list of them, and moves the clock on."),
    Entry("t:wait(duration)", "moves the clock on; what should have come by then is missed."),
    Entry("t:score(x)", "says how likely the model finds every event bad from here on."),
    Entry("t:rarity(x)", "says how rare the model finds every event from here on."),
    Entry(
      "t:plant(victim, { seed })",
      "sends a victim's event and the attack of the scenario under test."),
    Entry(
      "t:expect { severity, reason, mapping, rule, alert_severity, response, count, alerts }",
      "one finding since the last expectation is so; with `count`, exactly so many; with `alerts`, so many of them raised an alert of their own. `alert_severity` and `response` are those of the alert that it raised."
    ),
    Entry("t:expect_nothing()", "nothing was found since the last expectation."),
    Entry("t:set { … }", "sets the settings of an escalation."),
    Entry("t:alert { … }", "an alert for an escalation or a playbook."),
    Entry("t:claim(id)", "somebody takes an alert on."),
    Entry("t:answer(step, choice)", "a person answers."),
    Entry("t:fail(act, reason)", "from here on an act fails."),
    Entry(
      "t:expect_act { \"directory.lock\", user = \"ana\" }",
      "an act was asked for, with at least these arguments."),
    Entry(
      "t:expect_acts { \"directory.lock\" }",
      "these acts and no others were asked for, in this order."),
    Entry("t:expect_no_act()", "nothing was asked for."),
    Entry("t:expect_question(text)", "a person is being asked this."),
  ]
}
