package import Detection
package import Primitives

/// What judging needs to know of a stored alert: whom it names, who found it, what is at stake and how it ended.
///
/// Small on purpose: risk, incidents, the queue and the ledger look at a hundred thousand of them at once.
package struct AlertFact: Hashable, Sendable {
  package var id: String
  package var time: Timestamp
  /// Whom it is about; missing where the source has no entity.
  package var entity: Entity?
  /// Everybody that its event names, the one it is about first.
  package var entities: [Entity]
  /// The rules that fired on it and `model` where the model found it; in order, never empty.
  package var finders: [String]
  /// The rule that speaks for it; missing where only the model found it.
  package var rule: String?
  /// The highest calibrated probability of all that joined it.
  package var score: Double?
  /// The highest of all that joined it.
  package var severity: Severity
  package var title: String
  /// The mapping row.
  package var mapping: String?
  package var owner: String?
  /// What a true one costs; 0 where no mapping says so.
  package var cost: Cents
  package var costPer: CostUnit
  package var joined: Int
  /// When the findings that are counted with it happened, in order; only where its cost goes with time.
  package var times: [Timestamp]
  /// Whether it was kept within a day of its event, so that people could decide about it by then. What is read long
  /// afterwards is decided long afterwards.
  package var isLive = true
  /// The first alert's incident, as the judge named it while the events came.
  package var incident: String
  /// What it turned out to be; missing while that is open.
  package var outcome: Outcome?
  package var closedAt: Timestamp?
  /// Every closing and opening of an alert that was opened again, in their order; empty for the others.
  package var turns: [Turn] = []

  /// From when on an alert was closed as something, or open again.
  package struct Turn: Hashable, Sendable {
    package var time: Timestamp
    package var outcome: Outcome?

    package init(time: Timestamp, outcome: Outcome?) {
      self.time = time
      self.outcome = outcome
    }
  }

  /// How the model is called among the finders; no rule can be called so.
  package static let model = "(model)"

  /// What a person decided that an alert was.
  package enum Outcome: String, Hashable, Sendable, CaseIterable {
    case truePositive = "true_positive"
    case falsePositive = "false_positive"
    case benign
    case duplicate

    /// `false positive`
    package var words: String { rawValue.replacing("_", with: " ") }
  }

  package init(
    id: String, time: Timestamp, entity: Entity?, entities: [Entity], finders: [String],
    rule: String?, score: Double? = nil, severity: Severity, title: String,
    mapping: String? = nil, owner: String? = nil, cost: Cents = .zero,
    costPer: CostUnit = .incident, joined: Int = 0, incident: String, outcome: Outcome? = nil,
    closedAt: Timestamp? = nil, times: [Timestamp] = []
  ) {
    self.id = id
    self.time = time
    self.entity = entity
    self.entities = entities
    self.finders = finders
    self.rule = rule
    self.score = score
    self.severity = severity
    self.title = title
    self.mapping = mapping
    self.owner = owner
    self.cost = cost
    self.costPer = costPer
    self.joined = joined
    self.incident = incident
    self.outcome = outcome
    self.closedAt = closedAt
    self.times = times
  }

  /// The alert as it was known at a time: open until it was closed. Missing before it was raised.
  ///
  /// - Parameter decisions: until when people's decisions count, by the machine's clock; until the moment where missing.
  ///   All count of an alert that was read long after its event.
  package func known(at moment: Timestamp, decisions: Timestamp? = nil) -> AlertFact? {
    if time > moment { return nil }
    guard isLive else { return self }
    let moment = decisions ?? moment
    if !turns.isEmpty {
      var then = self
      let turn = turns.last { $0.time <= moment }
      then.outcome = turn?.outcome
      then.closedAt = then.outcome == nil ? nil : turn?.time
      return then
    }
    guard let closedAt, closedAt > moment else { return self }
    var open = self
    open.outcome = nil
    open.closedAt = nil
    return open
  }

  /// When the last of what is counted with it happened.
  package var end: Timestamp { max(time, times.last ?? time) }

  /// Who the queue and the ledger count it for: its rule, or the model.
  package var finder: String { rule ?? AlertFact.model }
}
