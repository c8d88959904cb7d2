import Primitives
package import Store

/// What `responses list` prints: what alerts set off and how far it has come.
package struct ResponseListView {
  private let responses: [StoredResponse]

  package init(responses: [StoredResponse]) { self.responses = responses }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("id", "Id", .trailing, importance: 9), .init("plugin", "Plugin", importance: 9),
      .init("kind", "Kind", importance: 2), .init("alert", "Alert", importance: 8),
      .init("state", "State", importance: 9), .init("due", "Due", importance: 4),
      .init("asks", "Asks", importance: 7), .init("choices", "Choices", importance: 6),
      .init("answers", "Answers", importance: 3), .init("reason", "Why", importance: 5),
      .init("updated", "Updated", importance: 1),
    ])
    for response in responses {
      let question = response.question
      listing.append(
        [
          .integer(response.id), .text(response.plugin), .text(response.kind.rawValue),
          .text(response.alert), .text(response.state.rawValue), .text(response.due.description),
          question.map { .text($0.text) } ?? .null,
          .list((question?.choices ?? []).map(JSONValue.text)),
          .list(
            response.answers.map { answer in
              [
                "step": .text(answer.step), "choice": .text(answer.choice),
                "by": answer.by.map(JSONValue.text) ?? .null,
                "time": .text(answer.time.description),
              ]
            }), response.reason.map(JSONValue.text) ?? .null,
          .text(response.updated.description),
        ],
        shown: [
          "alert": .init(String(response.alert.prefix(ShortID.length))),
          "due": .init(Format.second(response.due)),
          "updated": .init(Format.second(response.updated)),
          "choices": .init(question.map { $0.choices.joined(separator: ", ") } ?? Format.missing),
          "answers": .init(
            response.answers.isEmpty
              ? Format.missing : response.answers.map(\.choice).joined(separator: ", ")),
        ])
    }
    screen.print(
      listing.rendered(
        style, name: "responses", empty: "No escalation or playbook of that kind was set off.",
        terminal: screen.output), terminator: "")
  }
}

/// What `responses acts` prints: the journal.
package struct ActListView {
  private let acts: [StoredAct]
  private let empty: String

  package init(acts: [StoredAct], dead: Bool) {
    self.acts = acts
    empty = dead ? "No act is dead." : "No act was begun."
  }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("key", "Key", importance: 9), .init("response", "Response", .trailing, importance: 4),
      .init("plugin", "Plugin", importance: 8), .init("alert", "Alert", importance: 5),
      .init("step", "Step", importance: 3), .init("undo", "Undo", importance: 2),
      .init("act", "Act", importance: 9), .init("arguments", "With", importance: 6),
      .init("state", "State", importance: 9), .init("attempts", "Tries", .trailing, importance: 5),
      .init("begun", "Begun", importance: 4), .init("reason", "Why", importance: 7),
      .init("answer", "Answer", importance: 0),
    ])
    for act in acts {
      listing.append(
        [
          .text(act.key), .integer(act.response), .text(act.plugin), .text(act.alert),
          .text(act.step), .flag(act.isUndo), .text(act.act), parsed(act.arguments),
          .text(act.state.rawValue), .integer(Int64(act.attempts)), .text(act.begun.description),
          act.reason.map(JSONValue.text) ?? .null, act.answer.map(parsed) ?? .null,
        ],
        shown: [
          "key": .init(String(act.key.prefix(ShortID.length))),
          "alert": .init(String(act.alert.prefix(ShortID.length))),
          "begun": .init(Format.second(act.begun)),
          "undo": .init(act.isUndo ? "undo" : Format.missing),
          "arguments": .init(act.arguments),
        ])
    }
    screen.print(
      listing.rendered(style, name: "acts", empty: empty, terminal: screen.output), terminator: "")
  }

  /// A cell that was tampered with need not hold JSON any more.
  private func parsed(_ json: String) -> JSONValue {
    do { return try JSONValue.parse(json) } catch { return .text(json) }
  }
}
