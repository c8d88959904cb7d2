package import Host
import Primitives
import Store

/// What `retention` prints: a row for each kind of thing that is kept.
package struct RetentionView {
  private let state: RetentionState

  package init(state: RetentionState) { self.state = state }

  package func print(to screen: Screen, format style: RowStyle) {
    let sizes = state.sizes
    var listing = Listing([
      .init("what", "What"), .init("count", "Count", .trailing),
      .init("bytes", "Bytes", .trailing), .init("most_bytes", "Most", .trailing),
      .init("oldest", "Oldest"), .init("most_days", "Days", .trailing),
    ])
    let retention = state.retention
    let days: JSONValue = retention.days > 0 ? .number(retention.days) : .null
    func row(
      _ what: String, _ part: KeptSizes.Part, most: Int? = nil, days: JSONValue = .null
    ) {
      let bytes = part.bytes.map { JSONValue.integer(Int64($0)) } ?? .null
      listing.append(
        [
          .text(what), .integer(Int64(part.count)), bytes,
          most.map { .integer(Int64($0)) } ?? .null,
          part.oldest.map { .text($0.description) } ?? .null, days,
        ],
        shown: [
          "bytes": .init(part.bytes.map(Format.bytes) ?? Format.missing),
          "most_bytes": .init(most.map(Format.bytes) ?? Format.missing),
        ])
    }
    row("events", sizes.events, most: retention.keepsEvents ? retention.bytes : 0, days: days)
    row("alerts", sizes.alerts, most: retention.alertBytes, days: days)
    row("findings", sizes.findings, days: days)
    row("audit", sizes.auditRecords)
    switch style {
    case .text:
      screen.print(
        listing.rendered(.text, name: "", empty: "", terminal: screen.output), terminator: "")
      screen.print(
        "The file takes \(Format.bytes(sizes.fileBytes)), of which \(Format.bytes(sizes.freeBytes)) are free; findings are counted with the alerts.\n"
          + "moonwatch retention apply lets go of what is due; run, detect and demo do so by themselves."
      )
    case .json:
      screen.print(
        JSONValue.object([
          .init("kept", .list(listing.objects)),
          .init("file_bytes", .integer(Int64(sizes.fileBytes))),
          .init("free_bytes", .integer(Int64(sizes.freeBytes))),
        ]).serialized(.indented))
    case .csv:
      screen.print(
        listing.rendered(.csv, name: "", empty: "", terminal: screen.output), terminator: "")
    }
  }
}

/// What `retention apply` prints.
package struct RetentionOutcomeView {
  private let outcome: RetentionOutcome

  package init(outcome: RetentionOutcome) { self.outcome = outcome }

  package func print(to screen: Screen, format style: RowStyle) {
    let left = outcome.left
    var listing = Listing([
      .init("events", "Events"), .init("event_blocks", "Blocks"), .init("alerts", "Alerts"),
      .init("findings", "Findings"), .init("setups", "Setups"), .init("freed_bytes", "Freed"),
      .init("file_bytes", "File"),
    ])
    listing.append(
      [
        left.events, left.blocks, left.alerts, left.findings, left.setups, outcome.freedBytes,
        outcome.state.sizes.fileBytes,
      ].map { .integer(Int64($0)) })
    switch style {
    case .text:
      let parts = [
        (left.events, "event"), (left.alerts, "alert"), (left.findings, "finding"),
        (left.setups, "change of rules, lists and models"),
      ].filter { $0.0 > 0 }.map { $0.0 == 1 ? "1 \($0.1)" : "\(Format.count($0.0)) \($0.1)s" }
      let gone = parts.isEmpty ? "Nothing was due" : "Left: \(parts.joined(separator: ", "))"
      screen.print(
        "\(gone). \(Format.bytes(outcome.freedBytes)) went back to the disk; the file takes \(Format.bytes(outcome.state.sizes.fileBytes))."
      )
    case .json: screen.print(listing.objects[0].serialized(.indented))
    case .csv:
      screen.print(
        listing.rendered(.csv, name: "", empty: "", terminal: screen.output), terminator: "")
    }
  }
}
