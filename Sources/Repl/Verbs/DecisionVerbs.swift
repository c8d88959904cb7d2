import Host
import Primitives
import Scripting
import Store

/// What an analyst decides; only with `--write`.
extension Verb {
  static let decisionVerbs: [Verb] = [
    Verb(
      name: "close", form: "close(alert, {as = \"false-positive\", note = \"a known test\"})",
      about:
        "Closes an alert as true-positive, false-positive, benign or duplicate. Needs --write.",
      options: ["as", "note"],
      examples: ["close(\"7dbd1af203\", {as = \"false-positive\", note = \"a known test\"})"]
    ) { host, arguments in
      try host.requireWriting("close")
      let options = try VerbOptions(
        arguments.dropFirst().first, of: "close", known: ["as", "note"])
      guard let disposition = try options.text("as") else {
        throw Failure(
          .usage, "an alert is closed as something",
          advice: "such as close(\"7dbd1af203\", {as = \"benign\"})")
      }
      let id = try host.control.close(
        try identity(arguments, "close"), disposition: disposition,
        note: try options.text("note") ?? "")
      return .table(AlertTable.table(try host.control.alert(id).stored))
    },
    life(
      "acknowledge", "acknowledge(alert)", "Says that somebody has seen an alert.",
      ["acknowledge(\"7dbd1af203\")"]
    ) { (control, id, _) throws(Failure) in try control.acknowledge(id) },
    life(
      "start", "start(alert)", "Says that somebody works on an alert.", ["start(\"7dbd1af203\")"]
    ) { (control, id, _) throws(Failure) in try control.start(id) },
    life(
      "assign", "assign(alert, \"ben\")", "Gives an alert to somebody; to nobody without a name.",
      ["assign(\"7dbd1af203\", \"ben\")"]
    ) { (control, id, name) throws(Failure) in try control.assign(id, to: name) },
    life(
      "note", "note(alert, \"asked the customer\")", "Writes a note beside an alert.",
      ["note(\"7dbd1af203\", \"asked the customer\")"]
    ) { (control, id, text) throws(Failure) in try control.note(id, text ?? "") },
    Verb(
      name: "reopen", form: "reopen(alert)",
      about: "Opens a closed alert again; its note stays. Needs --write.",
      examples: ["reopen(\"7dbd1af203\")"]
    ) { host, arguments in
      try host.requireWriting("reopen")
      let id = try host.control.reopen(try identity(arguments, "reopen"))
      return .table(AlertTable.table(try host.control.alert(id).stored))
    },
    Verb(
      name: "feedback", form: "feedback(alert, \"true-positive\")",
      about: "Says what an alert was, by closing it so. Needs --write.",
      examples: ["feedback(\"7dbd1af203\", \"true-positive\")"]
    ) { host, arguments in
      try host.requireWriting("feedback")
      guard arguments.count > 1, let disposition = arguments[1].text else {
        throw Failure(
          .usage, "feedback needs an alert and what it was",
          advice: "such as feedback(\"7dbd1af203\", \"true-positive\")")
      }
      let id = try host.control.close(
        try identity(arguments, "feedback"), disposition: disposition, note: "")
      return .table(AlertTable.table(try host.control.alert(id).stored))
    },
  ]

  /// A step in the life of an alert that takes at most one text.
  private static func life(
    _ name: String, _ form: String, _ about: String, _ examples: [String],
    _ step: @escaping @Sendable (Control, String, String?) throws(Failure) -> StoredAlert
  ) -> Verb {
    Verb(name: name, form: form, about: "\(about) Needs --write.", examples: examples) {
      host, arguments in
      try host.requireWriting(name)
      let text = arguments.count > 1 ? arguments[1] : .nil
      guard text.isNil || text.text != nil else {
        throw Failure(.usage, "\(name) takes a text, not \(text.kind)", advice: "such as \(form)")
      }
      return .table(
        AlertTable.table(
          try step(host.control, try identity(arguments, name), text.text)))
    }
  }
}
