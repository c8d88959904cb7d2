package import Cases
import Detection
package import Host
import Primitives

/// What `queue` prints: open alerts in the order in which they are worth a look, and where a budget cuts.
package struct QueueView {
  private let ranked: [RankedAlert]
  private let budget: AlertBudget?
  private let ledger: LedgerSettings
  private let limit: Int

  /// - Parameter limit: how many are shown where there is no budget.
  package init(
    ranked: [RankedAlert], budget: AlertBudget?, judgement: JudgementSettings, limit: Int
  ) {
    self.ranked = ranked
    self.budget = budget
    ledger = judgement.ledger
    self.limit = limit
  }

  package func print(to screen: Screen, format style: RowStyle) {
    let cuts = budget?.cut(ranked) ?? []
    let kept = Set(cuts.flatMap { $0.kept.map(\.fact.id) })
    let listing = listing(budget == nil ? Array(ranked.prefix(limit)) : ranked, kept: kept, style)
    switch style {
    case .json:
      let document: JSONValue = [
        "alerts": .list(listing.objects), "cuts": .list(self.cuts(cuts).objects),
      ]
      screen.print(document.serialized(.indented))
    case .csv:
      screen.print(
        listing.rendered(.csv, name: "alerts", empty: "", terminal: screen.output), terminator: "")
    case .text:
      screen.print(
        listing.rendered(.text, name: "alerts", empty: "Nothing is open.", terminal: screen.output),
        terminator: "")
      if budget == nil {
        let rest = ranked.count - limit
        if rest > 0 { screen.print("and \(Format.count(rest)) more (--limit)") }
        return
      }
      screen.print("")
      for cut in cuts { screen.print(words(cut)) }
    }
  }

  /// A person sees what the budget keeps; programs see all, with what is kept.
  private func listing(
    _ alerts: [RankedAlert], kept: Set<String>, _ style: RowStyle
  ) -> Listing {
    var listing = Listing([
      .init("rank", "Rank", .trailing, importance: 6), .init("alert", "Alert", importance: 9),
      .init("worth_usd", "Worth", .trailing, importance: 9),
      .init("loss_usd", "Loss", .trailing, importance: 5),
      .init("probability", "Prob.", .trailing, importance: 5),
      .init("criticality", "Matters", .trailing, importance: 3),
      .init("severity", "Severity", importance: 7), .init("time", "Time", importance: 4),
      .init("owner", "Team", importance: 2), .init("entity_field", "Field", importance: 0),
      .init("entity", "Of", importance: 6), .init("title", "What", importance: 5),
      .init("kept", "Kept", importance: 1),
    ])
    for (place, one) in alerts.enumerated() {
      let isKept = budget == nil || kept.contains(one.fact.id)
      if style == .text && !isKept { continue }
      append(one, rank: place + 1, isKept, to: &listing)
    }
    return listing
  }

  private func append(
    _ one: RankedAlert, rank: Int, _ isKept: Bool, to listing: inout Listing
  ) {
    let fact = one.fact
    listing.append(
      [
        .integer(Int64(rank)), .text(fact.id), .number(one.worth.dollars),
        .number(one.loss.dollars), .number(one.probability), .number(one.criticality),
        .text(fact.severity.word), .text(fact.time.description),
        fact.owner.map { .text($0) } ?? .null, fact.entity.map { .text($0.field) } ?? .null,
        fact.entity.map { .text($0.value) } ?? .null, .text(fact.title), .flag(isKept),
      ],
      shown: [
        "alert": .init(String(fact.id.prefix(ShortID.length))),
        "worth_usd": .init(Format.money(one.worth.dollars)),
        "loss_usd": .init(Format.money(one.loss.dollars)),
        "criticality": .init(Format.number(one.criticality)),
        "severity": .init(fact.severity.word, AlertPaint.style(of: fact.severity)),
        "time": .init(Format.minute(fact.time)),
      ])
  }

  private func cuts(_ cuts: [AlertBudget.Cut]) -> Listing {
    var listing = Listing([
      .init("name", ""), .init("kept", ""), .init("left", ""), .init("kept_worth_usd", ""),
      .init("left_worth_usd", ""), .init("next_worth_usd", ""), .init("alert_cost_usd", ""),
    ])
    for cut in cuts {
      listing.append([
        cut.name.isEmpty ? .null : .text(cut.name), .integer(Int64(cut.kept.count)),
        .integer(Int64(cut.left.count)), .number(cut.keptWorth.dollars),
        .number(cut.leftWorth.dollars), cut.nextWorth.map { .number($0.dollars) } ?? .null,
        .number(ledger.labour.dollars),
      ])
    }
    return listing
  }

  /// What is kept, what is left, and the price of one more.
  private func words(_ cut: AlertBudget.Cut) -> String {
    let name = cut.name.isEmpty ? "" : "\(safe(cut.name)): "
    var text = "\(name)\(named(cut.kept.count, "alert")) kept, worth "
    text += "\(Format.money(cut.keptWorth.dollars))"
    guard let next = cut.nextWorth else { return text + "; none left out" }
    text +=
      "; \(Format.count(cut.left.count)) left out, worth \(Format.money(cut.leftWorth.dollars))"
    return text + "; one more would save \(Format.money(next.dollars)) and cost "
      + "\(Format.money(ledger.labour.dollars)) of an analyst's time"
  }
}
