import Cases
import Console
import Host
import Primitives
import Scripting
import Store

/// What is kept quiet for a while; only with `--write`, except for looking.
extension Verb {
  static let muteVerbs: [Verb] = [
    Verb(
      name: "mutes", form: "mutes()",
      about: "What is kept quiet, newest first, and what each mute has hidden.",
      examples: ["mutes()", "mutes().mutes[1].reason"]
    ) { host, _ in
      let (mutes, now) = try host.control.mutes()
      return try drawn(host) { MuteListView(mutes: mutes, now: now).print(to: $0, format: $1) }
    },
    Verb(
      name: "mute",
      form: "mute(\"user=ana\", {rule = \"auth.off-hours\", hours = 12, reason = \"on call\"})",
      about: """
        Raises no alerts about an entity for so many days or hours; what is found is kept and counted. Where it would have \
        hidden true alerts or planted attacks it is made with anyway = true only. Without --write it says what it would \
        have hidden.
        """, options: ["rule", "days", "hours", "from", "reason", "anyway"],
      examples: [
        "mute(\"user=ana\", {rule = \"auth.off-hours\", hours = 12, reason = \"on call\"})",
        "mute(\"card=4711\", {days = 7, reason = \"a known test\"})",
        "mute(\"card\", \"4711\", {days = 7, reason = \"a known test\"})",
        "mute(entity(\"user\", \"ana\"), {hours = 12, reason = \"on call\"})",
      ]
    ) { host, arguments in
      let (entity, rest) = try muted(arguments)
      let options = try VerbOptions(
        rest.first, of: "mute",
        known: ["rule", "days", "hours", "from", "reason", "anyway"])
      let request = MuteRequest(
        entity: entity, rule: try options.text("rule"), span: try span(options),
        from: try options.time("from"), reason: try options.text("reason") ?? "")
      let impact = try host.control.impact(of: request)
      let would = drawnText(host) { MuteImpactView(impact: impact).print(to: $0) }
      if !host.options.mayWrite {
        host.print(would.isEmpty ? "It would have hidden nothing that is known to be true." : would)
        try host.requireWriting("mute")
      }
      let anyway = try options.flag("anyway") ?? false
      guard impact.hidesNothingTrue || anyway else {
        throw Failure(
          .unmet, "nothing is muted: \(would.trimmingSuffix("\n"))",
          advice: "narrow it with rule, or give anyway = true")
      }
      let stored = try host.control.addMute(request)
      let (mutes, now) = ([stored], stored.mute.from)
      return try drawn(host) { MuteListView(mutes: mutes, now: now).print(to: $0, format: $1) }
    },
    Verb(
      name: "unmute", form: "unmute(3, \"the test is over\")",
      about: "Ends a mute before its time. Needs --write.", examples: ["unmute(3)"]
    ) { host, arguments in
      try host.requireWriting("unmute")
      guard let number = arguments.first?.integer else {
        throw Failure(.usage, "unmute needs a mute's number", advice: "mutes() shows them")
      }
      let ended = try host.control.endMute(
        number, note: arguments.count > 1 ? arguments[1].text : nil)
      let now = ended.mute.until
      return try drawn(host) { MuteListView(mutes: [ended], now: now).print(to: $0, format: $1) }
    },
  ]

  /// Whom to keep quiet about, and what stands behind it: `"user=ana"`, `"user", "ana"`, or what has a field and its entity.
  private static func muted(
    _ arguments: [ScriptValue]
  ) throws(Failure) -> (entity: String, rest: ArraySlice<ScriptValue>) {
    if let field = arguments.first?.text {
      guard !field.contains("="), arguments.count > 1, let value = arguments[1].text else {
        return (field, arguments.dropFirst())
      }
      return ("\(field)=\(value)", arguments.dropFirst(2))
    }
    if let table = arguments.first?.table, let field = table["field"].text,
      let value = table["entity"].text
    {
      return ("\(field)=\(value)", arguments.dropFirst())
    }
    throw Failure(.usage, "mute needs an entity", advice: "such as mute(\"user=ana\", {days = 7})")
  }

  private static func span(_ options: VerbOptions) throws(Failure) -> String {
    try options.refuseTwo(of: ["days", "hours"])
    if let days = try options.count("days") { return "\(days)d" }
    if let hours = try options.count("hours") { return "\(hours) hours" }
    throw Failure(.usage, "mute needs days or hours", advice: "such as {days = 7}")
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: Character) -> String {
    var text = self
    while text.last == suffix { text.removeLast() }
    return text
  }
}
