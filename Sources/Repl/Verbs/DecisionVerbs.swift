import Host
import Primitives
import Scripting

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
}
