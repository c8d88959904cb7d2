import Detection
import Primitives

/// An alert told in full: what happened, why, so what, now what, has it happened before, can it be trusted, what would have
/// cleared it.
package enum AlertStory {
  /// What stands beside the alert and changes with time.
  package struct Context: Hashable, Sendable {
    /// Findings that joined it.
    package var joined: Int
    /// Every feature as it was when judged; missing where it was not kept.
    package var frozen: FrozenEvidence?
    /// What would have cleared it; missing where that was not asked.
    package var counterfactual: Counterfactual?
    /// As the queue has it today; missing where the alert is closed or that was not asked.
    package var queueProbability: Double?
    /// What it adds to the cost of its incident; missing where it costs nothing or that was not asked.
    package var stakes: AlertStakes?

    package init(
      joined: Int = 0, frozen: FrozenEvidence? = nil, counterfactual: Counterfactual? = nil,
      queueProbability: Double? = nil, stakes: AlertStakes? = nil
    ) {
      self.stakes = stakes
      self.joined = joined
      self.frozen = frozen
      self.counterfactual = counterfactual
      self.queueProbability = queueProbability
    }

    var isFlood: Bool { frozen?.isFlood ?? false }

    /// Whether the model found it by itself, so that its reasons are the alert's.
    func isOfModel(_ alert: Alert) -> Bool {
      frozen?.judgement.map { $0.model?.found ?? false } ?? (alert.kind == .model)
    }
  }

  package static func text(_ alert: Alert, owners: Owners, context: Context = Context()) -> String {
    [
      heading(alert), whatHappened(alert, context), why(alert, context),
      soWhat(alert, owners, context), nowWhat(alert, owners), before(alert), trust(alert, context),
      context.counterfactual.map(cleared),
    ].compactMap { $0 }.joined(separator: "\n\n")
  }

  private static func heading(_ alert: Alert) -> String {
    "\(AlertCard.headline(alert)).\n\(alert.severity.word) · \(alert.time) · alert \(alert.id)"
  }

  private static func whatHappened(_ alert: Alert, _ context: Context) -> String {
    let source = AlertCard.shown(alert.source)
    var lines = ["What happened", "  event \(AlertCard.shown(alert.eventID)) of \(source)"]
    if let entity = alert.entity {
      lines.append("  \(AlertCard.shown(entity.field)) \(AlertCard.shown(entity.value))")
    }
    if let rule = alert.rule { lines.append("  found by rule \(AlertCard.shown(rule))") }
    if let model = alert.model {
      let what = alert.rule == nil ? "found" : "scored"
      lines.append("  \(what) by model \(AlertCard.shown(model))")
    }
    if context.joined > 0 {
      let findings = context.joined == 1 ? "finding" : "findings"
      lines.append("  \(Format.count(context.joined)) more \(findings) joined it")
    }
    return lines.joined(separator: "\n")
  }

  private static func why(_ alert: Alert, _ context: Context) -> String {
    var lines = ["Why"]
    if context.isFlood {
      return "Why\n  so many alerts of one kind within an hour; no event by itself led to it"
    }
    if alert.reasons.isEmpty { lines.append("  the rule's condition held; it names no feature") }
    // What the model adds to an event that it would have let pass is no reason for the alert.
    let isOfModel = context.isOfModel(alert)
    let largest = isOfModel ? alert.reasons.compactMap(\.contribution).max() ?? 0 : 0
    for reason in alert.reasons {
      let text = AlertCard.shown(reason.text)
      guard let added = reason.contribution, largest > 0 else {
        lines.append("  \(text)")
        continue
      }
      lines.append("  \(bar(added / largest)) \(signed(added)) \(text)")
    }
    if isOfModel, let sum = context.frozen.flatMap({ sum($0, shown: alert.reasons) }) {
      lines.append(sum)
    }
    return lines.joined(separator: "\n")
  }

  /// How the contributions that are not shown and the bias make up the margin.
  private static func sum(_ frozen: FrozenEvidence, shown reasons: [Reason]) -> String? {
    guard let margin = frozen.margin else { return nil }
    let named = reasons.compactMap(\.contribution).reduce(0, +)
    let rest = margin - frozen.bias - named
    return "  = \(signed(named)) above, \(signed(rest)) from everything else, "
      + "\(signed(frozen.bias)) to start with: margin \(signed(margin))"
  }

  private static func soWhat(
    _ alert: Alert, _ owners: Owners, _ context: Context
  ) -> String {
    var lines = ["So what"]
    if context.isFlood {
      return
        "So what\n  what it finds beyond this is counted and not told one by one: a true one may be among it"
    }
    guard let category = alert.category else {
      lines.append("  no mapping matched: add a row to a mapping to say what this means")
      if let made = context.frozen?.contributions?.severity { lines.append(severity(alert, made)) }
      return lines.joined(separator: "\n")
    }
    lines.append("  \(AlertCard.shown(category))")
    lines.append("  \(AlertCard.business(alert, owners: owners))")
    if let row = alert.mapping {
      lines.append(
        "  risk and cost: what mapping row \(AlertCard.shown(row)) says of every such alert")
    }
    if let words = context.stakes?.words { lines.append("  \(words)") }
    if let made = context.frozen?.contributions?.severity { lines.append(severity(alert, made)) }
    if !alert.compliance.isEmpty {
      lines.append("  touches \(AlertCard.shown(alert.compliance.joined(separator: ", ")))")
    }
    return lines.joined(separator: "\n")
  }

  /// `this alert: severity critical, as fraud.card-testing says high and mapping says critical by score and …`
  private static func severity(_ alert: Alert, _ parts: [Contributions.Part]) -> String {
    let made = parts.filter { $0.by != "rounding" }.map { AlertCard.shown("\($0.by) \($0.why)") }
    return "  this alert: severity \(alert.severity.word), as \(Joining.and(made))"
  }

  private static func nowWhat(_ alert: Alert, _ owners: Owners) -> String {
    let action = alert.action.map(AlertCard.shown) ?? "look at the event and decide"
    var lines = ["Now what", "  \(action)"]
    if let response = alert.response {
      lines.append("  response: \(AlertCard.shown(response))")
    }
    if let due = AlertCard.due(alert) { lines.append("  respond by \(due)") }
    if let key = alert.owner, let owner = owners[key] {
      lines.append("  tell \(AlertCard.shown(owner.name)), \(AlertCard.shown(owner.contact))")
    }
    return lines.joined(separator: "\n")
  }

  private static func before(_ alert: Alert) -> String {
    let times =
      switch alert.recurrence {
      case 0: "not in the 30 days before"
      case 1: "once in the 30 days before"
      case Judge.mostTimes...: "\(Judge.mostTimes) times or more in the 30 days before"
      default: "\(alert.recurrence) times in the 30 days before"
      }
    let known = alert.past.flatMap(words).map { "\n  \($0)" } ?? ""
    let what = alert.entity == nil ? "this meaning" : "this entity with this meaning"
    return
      "Has it happened before\n  \(what), whichever rule found it: \(times) · incident \(alert.incident)\(known)"
  }

  /// `4 alerts of it in 7 days: a repeat offender · score 1.8 times their mean: escalating · 1 confirmed · high risk`
  private static func words(_ past: AlertPast) -> String? {
    var parts: [String] = []
    if past.alerts7d > 0 {
      let offender = past.isRepeatOffender ? ": a repeat offender" : ""
      parts.append(
        "\(past.alerts7d) alert\(past.alerts7d == 1 ? "" : "s") about it in the 7 days before\(offender)"
      )
    }
    if past.isEscalating, let times = past.scoreOverMean {
      parts.append("score \(Format.number(times, atMost: 1)) times their mean: escalating")
    }
    if past.confirmed > 0 { parts.append("\(past.confirmed) confirmed") }
    if past.falseAlarms > 0 {
      parts.append("\(past.falseAlarms) false or benign")
    }
    if past.isHighRisk || past.isSetByHand {
      parts.append("risk profile \(past.profile)\(past.isSetByHand ? ", set by hand" : "")")
    }
    return parts.isEmpty ? nil : parts.joined(separator: " · ")
  }

  private static func trust(_ alert: Alert, _ context: Context) -> String {
    var lines = ["Can I trust it"]
    if context.isFlood { return "Can I trust it\n  the alerts were counted exactly" }
    if let agreement = agreement(alert, context) { lines.append("  \(agreement)") }
    let scored = alert.score.map { "rarer than \(Format.decimal($0 * 100, 2)) % of events" }
    switch (alert.probability, alert.confidence) {
    case (let probability?, let confidence):
      lines.append(
        "  calibrated probability \(share(probability)): the model's, of this event by itself")
      if let confidence {
        lines.append(contentsOf: made(confidence, alert, context, isScored: true))
      }
    case (nil, let confidence?):
      lines.append("  \(scored ?? "no model scored it")")
      lines.append(contentsOf: made(confidence, alert, context, isScored: false))
    case (nil, nil):
      lines.append(
        scored.map { "  \($0); learned without labels, so how often it is right is not known" }
          ?? "  no model scored it: the rule's condition held exactly as written")
    }
    if let rule = alert.rule, let known = context.frozen?.record.decided[rule] {
      let all = known.right + known.wrong
      lines.append(
        "  of \(all) alert\(all == 1 ? "" : "s") of \(AlertCard.shown(rule)) that people had decided by then, "
          + "\(known.right) \(known.right == 1 ? "was" : "were") true")
    }
    if let queue = context.queueProbability {
      lines.append(
        alert.rule == nil
          ? "  ranked in the queue by probability \(share(queue)), the model's"
          : "  ranked in the queue by probability \(share(queue)): how often its rule was right so far, at first a half or the model's where that is more"
      )
    }
    return lines.joined(separator: "\n")
  }

  /// What a confidence is made of, part by part where that was kept.
  private static func made(
    _ confidence: Double, _ alert: Alert, _ context: Context, isScored: Bool
  ) -> [String] {
    guard let parts = context.frozen?.contributions?.confidence, parts.count > 1 else {
      return ["  confidence \(share(confidence)): \(sources(alert, isScored))"]
    }
    let told = parts.filter { abs($0.value) >= 0.005 }.map {
      "\(signed($0.value)) \(AlertCard.shown($0.by)): \(AlertCard.shown($0.why))"
    }
    return ["  confidence \(share(confidence)) when it was raised, made of"]
      + told.map { "    \($0)" }
  }

  /// What a confidence is made of.
  private static func sources(_ alert: Alert, _ isScored: Bool) -> String {
    let model = isScored ? "the model's" : ""
    let rules = alert.rule == nil ? "" : "how its rules did before it"
    let parts = [model, rules, "the entity's history"].filter { !$0.isEmpty }
    return "\(Joining.and(parts)) together, as they were when it was raised"
  }

  /// Which detectors found it, where that is known of an alert that several could have found.
  private static func agreement(_ alert: Alert, _ context: Context) -> String? {
    guard let frozen = context.frozen else { return nil }
    let rules = frozen.rules.map(AlertCard.shown)
    switch (rules.count, frozen.judgement?.model.map(\.found)) {
    case (0, _), (1, nil): return nil
    case (1, true?): return "the rule and the model agree"
    case (1, false?): return "the rule alone: the model by itself would have let it pass"
    case (_, true?): return "\(Joining.and(rules)) and the model agree"
    case (_, false?):
      return "\(Joining.and(rules)) agree; the model by itself would have let it pass"
    case (_, nil): return "\(Joining.and(rules)) agree"
    }
  }

  private static func cleared(_ answer: Counterfactual) -> String {
    var lines = ["What would have cleared it"]
    switch answer.verdict {
    case .clears:
      lines.append("  \(AlertCard.shown(answer.sentence))")
      if let other = answer.alternatives.first {
        lines.append("  or \(AlertCard.shown(other.text))")
      }
    case .nothing(let why): lines.append("  nothing: \(AlertCard.shown(why))")
    case .unknown(let why): lines.append("  unknown: \(AlertCard.shown(why))")
    }
    for note in answer.notes { lines.append("  \(AlertCard.shown(note))") }
    return lines.joined(separator: "\n")
  }

  /// Ten cells, filled in proportion; a cause fills at least one.
  private static func bar(_ share: Double) -> String {
    let filled = min(10, max(1, Int(exactly: (share * 10).rounded()) ?? 1))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: 10 - filled)
  }

  /// A probability with two decimals; one that would read as none is said to be small.
  private static func share(_ x: Double) -> String {
    x > 0 && x < 0.005 ? "below 0.01" : Format.decimal(x, 2)
  }

  private static func signed(_ x: Double) -> String {
    x < 0 ? "−\(Format.decimal(-x, 2))" : "+\(Format.decimal(x, 2))"
  }
}
