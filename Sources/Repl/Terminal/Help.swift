import Primitives

/// What `help` answers: examples first.
enum Help {
  static let topics = ["questions", "output", "keys"]

  static func text(_ topic: String) -> String {
    if topic.isEmpty { return overview }
    switch topic {
    case "questions": return questions
    case "output": return output
    case "keys": return keys
    default: break
    }
    guard let verb = Verb.named(topic) else {
      let near = nearestName(to: topic, among: Verb.all.map(\.name) + topics)
      return "there is no help on '\(safe(topic))'"
        + (near.map { " (did you mean '\($0)'?)" } ?? " ('help' lists what there is)") + "\n"
    }
    var text = verb.examples.map { "  \($0)\n" }.joined()
    text += "\n\(verb.form)\n\(verb.about)\n"
    if !verb.options.isEmpty { text += "Options: \(verb.options.joined(separator: ", ")).\n" }
    return text
  }

  private static var overview: String {
    let examples = [
      "alerts{last = 1 * day}", "why(alerts{}[1])", "tally{by = \"user\", rule = \"auth.*\"}",
      "? which users had most off-hours logins since Monday",
    ]
    let size = Verb.all.map(\.name.count).max() ?? 0
    var text = examples.map { "  \($0)\n" }.joined() + "\n"
    for verb in Verb.all {
      let pad = String(repeating: " ", count: size - verb.name.count)
      let sentence = verb.about.split(separator: ". ")[0]
      text += "\(verb.name)\(pad)  \(sentence)\(sentence.hasSuffix(".") ? "" : ".")\n"
    }
    return text + """

      help VERB shows one of them; help \(topics.joined(separator: ", help ")) the rest.
      It is Lua 5.4: x = alerts{} keeps a value, and _ is the last one.

      """
  }

  private static let questions = """
      ? show me suspicious activity last week
      ? which users had most off-hours logins since Monday
      ? and for devices?
      ? alerts over $1000 not acknowledged
      ? failed logins by user yesterday
      ? average amount per card last week
      ? critical alerts > rows.csv

    A question in words is answered by a query in Lua, which is shown before it runs: all that was said stands in it.
    "Over" leaves the number out, "high" is high and no more, "from Monday" is that day. Weeks begin on Monday, times
    are in UTC. What it cannot do it says; where it is unsure it asks.

    """

  private static let output = """
      alerts{} > alerts.csv
      :mode json
      set{mode = "table", timing = true}
      :timing on

    Values print as what they are. :mode says otherwise: table, json, csv or lua. A file's ending (.csv, .json, .lua, .txt)
    says how it is written; a file that is there is not written over. What is longer than the screen is cut, and Enter
    shows more.

    """

  private static let keys = """
      Tab       completes verbs, options, rules, entities, ids
      ^R        looks back through what was typed, as the arrows do
      ^C        throws a line away, or stops what runs
      ^D        ends
      ^A ^E ^W ^K ^Y  begin, end, cut a word, cut the rest, put back

    """
}
