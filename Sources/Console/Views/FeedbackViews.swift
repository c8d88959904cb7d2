import Cases
import Detection
import Primitives
package import Store

/// What `feedback list` prints: what alerts turned out to be.
package struct FeedbackListView {
  private let verdicts: [Verdict]

  package init(verdicts: [Verdict]) { self.verdicts = verdicts }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("alert", "Alert", importance: 9), .init("closed_at", "Closed", importance: 6),
      .init("disposition", "Was", importance: 9), .init("by", "By", importance: 5),
      .init("rule", "Rule", importance: 7), .init("entity_field", "Entity", importance: 0),
      .init("entity", "Of", importance: 7), .init("event_id", "Event", importance: 2),
      .init("time", "Time", importance: 2), .init("note", "Why", importance: 4),
    ])
    for verdict in verdicts {
      let stored = verdict.stored
      let alert = stored.alert
      listing.append(
        [
          .text(alert.id), stored.closedAt.map { .text($0.description) } ?? .null,
          stored.disposition.map { .text($0.rawValue) } ?? .null,
          verdict.by.map(JSONValue.text) ?? .null, alert.rule.map(JSONValue.text) ?? .null,
          alert.entity.map { .text($0.field) } ?? .null,
          alert.entity.map { .text($0.value) } ?? .null, .text(alert.eventID),
          .text(alert.time.description), stored.note.map(JSONValue.text) ?? .null,
        ],
        shown: [
          "alert": .init(ShortID.of(alert)),
          "closed_at": .init(
            stored.closedAt.map { Format.minute($0) }
              ?? Format.missing),
          "disposition": .init(stored.disposition?.phrase ?? Format.missing),
        ])
    }
    screen.print(
      listing.rendered(
        style, name: "feedback", empty: "No alert was closed.", terminal: screen.output),
      terminator: "")
  }
}

/// What `feedback FILE` prints: how many alerts it closed.
package struct FeedbackOutcomeView {
  private let outcome: FeedbackOutcome

  package init(outcome: FeedbackOutcome) { self.outcome = outcome }

  package func print(to screen: Screen) {
    var text = "closed \(named(outcome.closed, "alert"))"
    if outcome.unchanged > 0 { text += ", \(Format.count(outcome.unchanged)) closed so before" }
    if !outcome.dead.isEmpty { text += "; \(named(outcome.dead.count, "line")) led to nothing" }
    screen.note(text)
  }
}
