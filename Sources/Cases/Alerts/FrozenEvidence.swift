import Detection
package import Primitives

/// Every feature as it was when the alert was judged, with what each added: kept with the alert, so that it can be
/// explained and recomputed after windows and models have moved on.
package struct FrozenEvidence: Hashable, Sendable {
  package struct Feature: Hashable, Sendable {
    package var name: String
    /// Missing where the feature is.
    package var value: Double?
    /// What was usual for the entity at such an hour: the median of samples, and their first and last tenths; missing
    /// where too little was known.
    package var normal: Double?
    package var low: Double?
    package var high: Double?
    /// Samples.
    package var count: Int
    /// What it added to the margin; missing where no model scored or the model does not use it.
    package var contribution: Double?
  }

  package var features: [Feature]
  package var bias: Double
  /// What the bias and all contributions sum to.
  package var margin: Double?
  /// Every rule that fired.
  package var rules: [String]
  /// What is needed to decide again; missing in alerts of versions that did not keep it.
  package var judgement: FrozenJudgement?
  /// Whether the model found it, alone or with rules.
  package var isFoundByModel: Bool
  /// Everybody that the event names, whom the alert is about first.
  package var entities: [Entity]
  /// How often the rules that fired had been right by then.
  package var record: TrackRecord
  /// Whether the alert tells of a flood: how many alerts there were raised it, and no event.
  package var isFlood = false
  /// Who gave how much of what the alert states; missing in alerts of versions that did not keep it, and of a flood.
  package var contributions: Contributions?

  /// Of an alert that tells of a flood: the rule, and nothing of the event that happened to be the first too many.
  package init(floodOf rule: String?) {
    (features, bias, margin, judgement) = ([], 0, nil, nil)
    rules = rule.map { [$0] } ?? []
    isFoundByModel = rule == nil
    entities = []
    record = TrackRecord()
    isFlood = true
  }

  package init(
    _ evidence: Evidence, judgement: FrozenJudgement? = nil, record: TrackRecord = TrackRecord(),
    contributions: Contributions? = nil
  ) {
    self.judgement = judgement
    self.contributions = contributions
    self.record = record.only(evidence.ruleIDs)
    let added = Dictionary(
      evidence.contributions.map { ($0.feature, $0.value) }, uniquingKeysWith: +)
    features = evidence.features.map {
      Feature(
        name: $0.name, value: $0.value.isNaN ? nil : $0.value, normal: $0.usual?.median,
        low: $0.usual?.low, high: $0.usual?.high, count: $0.usual?.count ?? 0,
        contribution: added[$0.name])
    }
    bias = evidence.bias
    margin = evidence.margin
    rules = evidence.ruleIDs
    isFoundByModel = evidence.findings.contains { $0.origin == .model }
    let own = evidence.entity.map { [$0] } ?? []
    entities = own + evidence.involved.filter { $0 != evidence.entity }
  }

  /// One JSON object; the same evidence gives the same text.
  package var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("rules", .list(rules.map(JSONValue.text))),
      .init("found_by_model", .flag(isFoundByModel)),
      .init(
        "entities",
        .list(entities.map { ["field": .text($0.field), "value": .text($0.value)] })),
      .init("bias", .of(bias)),
      .init("margin", .of(margin)),
      .init(
        "features",
        .list(
          features.map {
            [
              "name": .text($0.name), "value": .of($0.value), "normal": .of($0.normal),
              "low": .of($0.low), "high": .of($0.high), "count": .of($0.count),
              "contribution": .of($0.contribution),
            ]
          })),
    ]
    if !record.decided.isEmpty { members.append(.init("record", record.json)) }
    if isFlood { members.append(.init("flood", .flag(true))) }
    if let contributions { members.append(.init("contributions", contributions.json)) }
    if let judgement { members.append(.init("judgement", judgement.json)) }
    return .object(members)
  }

  /// Reads what `json` wrote.
  package init(_ bytes: [UInt8]) throws(Failure) {
    let fields = try JSONFields(bytes, of: "the features kept with an alert")
    rules = try fields.texts("rules")
    // Those of earlier versions say neither.
    isFoundByModel = fields.has("found_by_model") ? try fields.flag("found_by_model") : false
    entities = []
    if fields.has("entities") {
      entities = try fields.objects("entities").map { (entity) throws(Failure) in
        Entity(field: try entity.text("field"), value: try entity.text("value"))
      }
    }
    bias = try fields.numberOrNull("bias") ?? 0
    margin = try fields.numberOrNull("margin")
    features = try fields.objects("features").map { (feature) throws(Failure) in
      // Those of earlier versions say a centre and how far from it is still usual.
      let normal = try feature.numberOrNull("normal")
      let spread = feature.has("spread") ? try feature.numberOrNull("spread") : nil
      func bound(_ key: String, _ sign: Double) throws(Failure) -> Double? {
        if feature.has(key) { return try feature.numberOrNull(key) }
        guard let normal, let spread else { return nil }
        return normal + sign * spread
      }
      return Feature(
        name: try feature.text("name"), value: try feature.numberOrNull("value"), normal: normal,
        low: try bound("low", -1), high: try bound("high", 1), count: try feature.integer("count"),
        contribution: try feature.numberOrNull("contribution"))
    }
    record = TrackRecord(json: fields.optional("record"))
    isFlood = fields.optional("flood") == .flag(true)
    contributions = try fields.objectIfThere("contributions").map { (made) throws(Failure) in
      try Contributions(made)
    }
    judgement = try fields.objectIfThere("judgement").map { (kept) throws(Failure) in
      try FrozenJudgement(kept)
    }
  }
}
