package import Primitives

/// What looking at alerts costs.
package struct LedgerSettings: Hashable, Sendable {
  package var minutesPerAlert = 10
  package var hourly = Cents(60_00)
  /// What a false alarm costs those whom it was about.
  package var friction = Cents(5_00)
  /// A pause between alerts of at most so long counts for what costs by the minute or the day: as in `Losses`.
  package var unattended = TimeSpan.hours(1)
  /// Decisions from which a rule may be named for retirement.
  package var retireAfter = 20

  package init() {}

  /// An analyst's time for one alert.
  package var labour: Cents { Cents(dollars: hourly.dollars * Double(minutesPerAlert) / 60) }
}

/// What one decision about an alert was worth.
package struct LedgerDecision: Hashable, Sendable {
  package var fact: AlertFact
  /// What a confirmed alert stopped, as `Losses` counts: nothing where one before it in its incident had stopped the same.
  package var loss: Cents
  package var labour: Cents
  package var friction: Cents

  package var net: Cents { loss - labour - friction }
}

/// What one rule, or the model, has earned and cost. What several found is shared among them to the cent.
package struct LedgerRow: Hashable, Sendable {
  package var finder: String
  /// All it found, open ones too.
  package var alerts = 0
  package var outcomes: [AlertFact.Outcome: Int] = [:]
  package var loss = Cents.zero
  package var labour = Cents.zero
  package var friction = Cents.zero
  /// The loss of incidents that nobody else found.
  package var onlyLoss = Cents.zero
  /// Labour and friction of alerts that nobody else found.
  package var onlyExpense = Cents.zero
  package var isToRetire = false

  package var decided: Int { outcomes.values.reduce(0, +) }
  package var net: Cents { loss - labour - friction }
  /// What would have been lost without it, less what it would have saved.
  package var worthKeeping: Cents { onlyLoss - onlyExpense }
  /// Of what it stopped, the part that only it caught; missing where it stopped nothing.
  package var onlyShare: Double? {
    loss.count > 0 ? onlyLoss.dollars / loss.dollars : nil
  }
}

/// What alerts were worth, from what people decided about them; all in whole cents.
///
/// A confirmed alert stops the loss that its mapping row names, once an incident, entity and row. Every decided alert costs
/// an analyst's time; a false one costs its friction as well. The parts of all rows add up to the totals, and those are the
/// sum of the decisions.
package struct Ledger: Hashable, Sendable {
  /// In order of time.
  package var decisions: [LedgerDecision]
  /// The best first.
  package var rows: [LedgerRow]

  package var loss: Cents { decisions.reduce(.zero) { $0 + $1.loss } }
  package var labour: Cents { decisions.reduce(.zero) { $0 + $1.labour } }
  package var friction: Cents { decisions.reduce(.zero) { $0 + $1.friction } }
  package var net: Cents { loss - labour - friction }

  /// - Parameter isCounted: whether alerts of a time are; those of other times have stopped what they stopped all the same.
  package init(
    _ book: IncidentBook, settings: LedgerSettings = LedgerSettings(),
    isCounted: (Timestamp) -> Bool = { _ in true }
  ) {
    var rows: [String: LedgerRow] = [:]
    var decisions: [LedgerDecision] = []
    for incident in book.incidents {
      let finders = Set(
        incident.facts.filter { $0.outcome == .truePositive }.flatMap(\.finders))
      let stopped = Losses.of(
        incident.facts.filter { $0.outcome == .truePositive }, lull: settings.unattended)
      for fact in incident.facts {
        if !isCounted(fact.time) { continue }
        for finder in fact.finders {
          rows[finder, default: LedgerRow(finder: finder)].alerts += 1
        }
        guard let outcome = fact.outcome else { continue }
        let decision = LedgerDecision(
          fact: fact, loss: stopped[fact.id] ?? .zero, labour: settings.labour,
          friction: outcome == .falsePositive ? settings.friction : .zero)
        decisions.append(decision)
        Ledger.share(decision, outcome, isOnly: finders.count == 1, among: &rows)
      }
    }
    self.decisions = decisions.sorted { ($0.fact.time, $0.fact.id) < ($1.fact.time, $1.fact.id) }
    self.rows = rows.values.map { row in
      var row = row
      row.isToRetire = row.decided >= settings.retireAfter && row.worthKeeping < .zero
      return row
    }.sorted { ($1.net, $0.finder) < ($0.net, $1.finder) }
  }

  private static func share(
    _ decision: LedgerDecision, _ outcome: AlertFact.Outcome, isOnly: Bool,
    among rows: inout [String: LedgerRow]
  ) {
    let finders = decision.fact.finders
    let loss = decision.loss.parts(finders.count)
    let labour = decision.labour.parts(finders.count)
    let friction = decision.friction.parts(finders.count)
    for (place, finder) in finders.enumerated() {
      var row = rows[finder] ?? LedgerRow(finder: finder)
      row.outcomes[outcome, default: 0] += 1
      row.loss += loss[place]
      row.labour += labour[place]
      row.friction += friction[place]
      if isOnly && finders.count == 1 { row.onlyLoss += decision.loss }
      if finders.count == 1 { row.onlyExpense += decision.labour + decision.friction }
      rows[finder] = row
    }
  }
}
