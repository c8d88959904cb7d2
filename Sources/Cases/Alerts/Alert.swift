package import Detection
package import Primitives

/// What an analyst is told: what happened, why, what it means for the business and what to do.
///
/// A value that never changes once written. What happens to it later (status, findings that joined it) stands beside
/// it in the store.
package struct Alert: Hashable, Sendable {
  /// A digest of what caused it: a repeated run writes the same ids.
  package var id: String
  /// When the event happened.
  package var time: Timestamp
  package var eventID: String
  package var source: String
  package var entity: Entity?
  package var kind: Kind
  /// The rule that speaks for the alert; missing where only the model found it.
  package var rule: String?
  /// What a model said of the event; `scoreMeaning` says what that is.
  package var score: Double?
  /// Missing without a score.
  package var scoreMeaning: ScoreMeaning?
  /// How sure it is that the alert is right, tempered by how little of the entity was known; missing where neither a
  /// probability nor decided alerts of its rules say so.
  package var confidence: Double?
  package var severity: Severity
  package var title: String
  /// One sentence with the numbers in it.
  package var message: String
  package var reasons: [Reason]
  /// From here to `slaSeconds` and `mapping`: missing where no mapping matched.
  package var category: String?
  package var risk: Risk?
  package var costUSD: Double?
  package var costPer: CostUnit?
  package var compliance: [String]
  package var action: String?
  /// The response that a mapping chose by score and context, in its own word: `immediate_block`; missing where none did.
  package var response: String?
  /// A key of the owners directory.
  package var owner: String?
  package var slaSeconds: Int?
  /// The id of the mapping row.
  package var mapping: String?
  /// Earlier alerts of this entity and mapping row in the 30 days before, counted to 100.
  package var recurrence: Int
  /// What was known of the entity's alerts before; missing without an entity, and in alerts of earlier versions.
  package var past: AlertPast?
  /// Shared by alerts on one entity, each within 24 hours of the one before.
  package var incident: String
  /// The model that scored the event.
  package var model: String?
  package var pluginsDigest: String?

  package enum Kind: String, Hashable, Sendable {
    /// At least one rule fired.
    case rule
    /// Only the model found it.
    case model
  }

  /// What a score says of its event.
  package enum ScoreMeaning: String, Hashable, Sendable {
    /// How likely it is bad, calibrated.
    case probability
    /// Which share of events is less rare: of a model that saw no labels, and no probability of anything.
    case rarity
  }

  /// The score where it is a probability.
  package var probability: Double? { scoreMeaning == .probability ? score : nil }
  /// The share of events that are less rare, where the score says that.
  package var rarity: Double? { scoreMeaning == .rarity ? score : nil }

  /// - Parameter scoreMeaning: where missing, that of alerts of earlier versions: rarity without a confidence.
  package init(
    id: String, time: Timestamp, eventID: String, source: String, entity: Entity?, kind: Kind,
    rule: String?, score: Double?, confidence: Double?, severity: Severity, title: String,
    message: String, reasons: [Reason] = [], category: String? = nil, risk: Risk? = nil,
    costUSD: Double? = nil, costPer: CostUnit? = nil, compliance: [String] = [],
    action: String? = nil, owner: String? = nil, slaSeconds: Int? = nil, mapping: String? = nil,
    recurrence: Int = 0, incident: String, model: String? = nil, pluginsDigest: String? = nil,
    response: String? = nil, past: AlertPast? = nil, scoreMeaning: ScoreMeaning? = nil
  ) {
    self.id = id
    self.time = time
    self.eventID = eventID
    self.source = source
    self.entity = entity
    self.kind = kind
    self.rule = rule
    self.score = score
    self.confidence = confidence
    self.scoreMeaning =
      score == nil ? nil : scoreMeaning ?? (confidence == nil ? .rarity : .probability)
    self.severity = severity
    self.title = title
    self.message = message
    self.reasons = reasons
    self.category = category
    self.risk = risk
    self.costUSD = costUSD
    self.costPer = costPer
    self.compliance = compliance
    self.action = action
    self.owner = owner
    self.slaSeconds = slaSeconds
    self.mapping = mapping
    self.recurrence = recurrence
    self.incident = incident
    self.model = model
    self.pluginsDigest = pluginsDigest
    self.response = response
    self.past = past
  }
}

/// One cause of an alert, with what is normal for the entity.
package struct Reason: Hashable, Sendable {
  package var feature: String
  /// Missing where the feature is.
  package var value: Double?
  /// The centre of what is usual for the entity: the median of its samples where there are enough, else its running centre.
  package var normal: Double?
  /// What is usual for the entity at such an hour, and for its peers, as known when it was judged.
  package var usual: Usual?
  package var peers: Usual?
  /// What it added to the model's margin, above 0; missing where a rule gives the reason and no model scored.
  package var contribution: Double?
  /// `20 events in the last hour; usually 1 to 3`.
  package var text: String

  package init(
    feature: String, value: Double?, normal: Double?, contribution: Double?, text: String,
    usual: Usual? = nil, peers: Usual? = nil
  ) {
    self.feature = feature
    self.value = value
    self.normal = normal
    self.contribution = contribution
    self.text = text
    self.usual = usual
    self.peers = peers
  }
}
