package import Cases
package import Primitives

/// What `ledger` prints: what each rule and the model earned and cost, the totals, and what to retire.
package struct LedgerView {
  private let ledger: Ledger
  private let leftBefore: Timestamp?

  /// - Parameter leftBefore: until when alerts were written that retention let go of; missing where none left.
  package init(ledger: Ledger, leftBefore: Timestamp? = nil) {
    self.ledger = ledger
    self.leftBefore = leftBefore
  }

  package func print(to screen: Screen, format style: RowStyle) {
    switch style {
    case .json: screen.print(json.serialized(.indented))
    case .csv:
      screen.print(
        listing.rendered(.csv, name: "rows", empty: "", terminal: screen.output), terminator: "")
    case .text:
      screen.print(
        listing.rendered(.text, name: "rows", empty: "No alerts.", terminal: screen.output),
        terminator: "")
      if let leftBefore {
        screen.print(
          "Alerts that were written before \(leftBefore) have left with what people decided about them"
            + " (retention.days): the figures begin there.")
      }
      if ledger.rows.isEmpty { return }
      screen.print("\n\(totals)")
      if ledger.decisions.isEmpty {
        screen.print(
          "Close alerts (moonwatch alerts close ALERT --as true-positive) to fill the ledger.")
      }
      for row in retired {
        screen.print(
          "Retire \(safe(row.finder)): in \(Format.count(row.decided)) decisions it alone stopped "
            + "\(Format.money(row.onlyLoss.dollars)) and alone cost "
            + Format.money(row.onlyExpense.dollars))
      }
    }
  }

  private var retired: [LedgerRow] { ledger.rows.filter(\.isToRetire) }

  private var totals: String {
    "\(named(ledger.decisions.count, "decision")): stopped \(Format.money(ledger.loss.dollars)), "
      + "analysts \(Format.money(ledger.labour.dollars)), "
      + "friction \(Format.money(ledger.friction.dollars)), "
      + "net \(Format.money(ledger.net.dollars))"
  }

  private var listing: Listing {
    var listing = Listing([
      .init("finder", "Found by", importance: 9), .init("alerts", "Alerts", .trailing),
      .init("decided", "Decided", .trailing, importance: 6),
      .init("true_positives", "True", .trailing, importance: 5),
      .init("false_positives", "False", .trailing, importance: 5),
      .init("loss_stopped_usd", "Stopped", .trailing, importance: 7),
      .init("labour_usd", "Analysts", .trailing, importance: 4),
      .init("friction_usd", "Friction", .trailing, importance: 4),
      .init("net_usd", "Net", .trailing, importance: 9),
      .init("only_share", "Only it", .trailing, importance: 6),
      .init("retire", "Retire", importance: 3),
    ])
    for row in ledger.rows {
      listing.append(
        [
          .text(row.finder), .integer(Int64(row.alerts)), .integer(Int64(row.decided)),
          .integer(Int64(row.outcomes[.truePositive] ?? 0)),
          .integer(Int64(row.outcomes[.falsePositive] ?? 0)), .number(row.loss.dollars),
          .number(row.labour.dollars), .number(row.friction.dollars), .number(row.net.dollars),
          row.onlyShare.map { .number($0) } ?? .null, .flag(row.isToRetire),
        ],
        shown: [
          "loss_stopped_usd": .init(Format.money(row.loss.dollars)),
          "labour_usd": .init(Format.money(row.labour.dollars)),
          "friction_usd": .init(Format.money(row.friction.dollars)),
          "net_usd": .init(Format.money(row.net.dollars), row.net < .zero ? .red : nil),
          "only_share": .init(row.onlyShare.map { Format.percent($0, 0) } ?? Format.missing),
        ])
    }
    return listing
  }

  private var json: JSONValue {
    [
      "rows": .list(listing.objects),
      "totals": [
        "decisions": .integer(Int64(ledger.decisions.count)),
        "loss_stopped_usd": .number(ledger.loss.dollars),
        "labour_usd": .number(ledger.labour.dollars),
        "friction_usd": .number(ledger.friction.dollars), "net_usd": .number(ledger.net.dollars),
      ],
      "retire": .list(retired.map { .text($0.finder) }),
      "begins": leftBefore.map { .text($0.description) } ?? .null,
    ]
  }
}
