package import Primitives

/// Features resolved against the fields of a run: names to slots, equal features to one column, equal windows to one.
///
/// Made once before a run on the thread that interns, then read by all workers.
package struct FeaturePlan: @unchecked Sendable {
  // Unchecked only because plans hold compiled conditions next to plain values; nothing here changes after `init`,
  // and the interner's texts may be read by any thread.
  let stages: [StagePlan]
  let own: [OwnColumn]
  /// Each made of columns that stand before it.
  let derived: [DerivedColumn]
  let filters: [[Predicate]: CompiledCondition]
  let schema: Schema
  /// For the texts of entities.
  let interner: Interner
  /// The distinct features, by column.
  package let definitions: [FeatureDefinition]
  private let positions: [FeatureDefinition: Int]

  package init(features: [FeatureDefinition], schema: Schema, interner: Interner) throws(Failure) {
    var builder = PlanBuilder(schema: schema, interner: interner)
    for feature in features { try builder.add(feature) }
    stages = builder.stages
    own = builder.own
    derived = builder.derived
    filters = builder.filters
    definitions = builder.definitions
    positions = builder.positions
    self.schema = schema
    self.interner = interner
  }

  package init(_ set: FeatureSet, schema: Schema, interner: Interner) throws(Failure) {
    try self.init(features: set.features.map(\.definition), schema: schema, interner: interner)
  }

  /// Columns of a feature table of this plan.
  package var columns: Int { definitions.count }

  /// Where a feature stands in the table. The feature must be one of the plan's.
  package func column(of definition: FeatureDefinition) -> Int {
    guard let column = positions[definition] else {
      preconditionFailure("a column was asked for a feature that is not in the plan")
    }
    return column
  }

  /// Columns of a set's features, in the set's order. Its features must be in the plan.
  package func columns(of set: FeatureSet) -> [Int] {
    set.features.map { column(of: $0.definition) }
  }

  /// Whether any feature reads labels, so that `process` needs a column of verdicts.
  package var readsLabels: Bool { stages.contains(where: \.keepsCases) }

  package func contains(_ definition: FeatureDefinition) -> Bool { positions[definition] != nil }
}

/// Collects features into stages, streams and windows; refuses what the events do not have.
private struct PlanBuilder {
  let schema: Schema
  let interner: Interner
  var stages: [StagePlan] = []
  var own: [OwnColumn] = []
  var derived: [DerivedColumn] = []
  var filters: [[Predicate]: CompiledCondition] = [:]
  var definitions: [FeatureDefinition] = []
  var positions: [FeatureDefinition: Int] = [:]

  private static let longestWindow = TimeSpan.days(3660)

  init(schema: Schema, interner: Interner) {
    self.schema = schema
    self.interner = interner
  }

  mutating func add(_ feature: FeatureDefinition) throws(Failure) {
    if positions[feature] != nil { return }
    switch feature {
    case .ratio(let a, let b), .minus(let a, let b):
      try add(a)
      try add(b)
    default: break
    }
    let column = Int32(definitions.count)
    positions[feature] = definitions.count
    definitions.append(feature)
    switch feature {
    case .calendar(let calendar): own.append(OwnColumn(column: column, source: .calendar(calendar)))
    case .field(let name):
      own.append(OwnColumn(column: column, source: .number(try number(name, feature))))
    case .equals(let name, let word):
      own.append(
        OwnColumn(
          column: column, source: .equals(try text(name, feature), interner.intern(word))))
    case .ratio(let a, let b), .minus(let a, let b):
      guard let first = positions[a], let second = positions[b] else {
        preconditionFailure("a feature made of two others stands after both")
      }
      var isRatio = false
      if case .ratio = feature { isRatio = true }
      derived.append(
        DerivedColumn(
          column: Int(column), first: first, second: second,
          operation: isRatio ? .ratio : .difference))
    default:
      guard let scope = feature.scope else {
        preconditionFailure("a feature of the event alone is resolved above")
      }
      let stage = try stageIndex(scope, feature)
      try add(feature, column, stage)
      stages[stage].columns.append(column)
    }
  }

  private mutating func add(
    _ feature: FeatureDefinition, _ column: Int32, _ stage: Int
  ) throws(Failure) {
    switch feature {
    case .count(_, let within, let filter):
      try window(feature, stage, within, filter, FeatureStep(code: .count, column: column))
    case .rate(_, let within):
      let hours = within.seconds / 3600
      try window(
        feature, stage, within, [], FeatureStep(code: .rate, column: column, scale: hours))
    case .aggregate(let aggregate, _, let name, let within, let filter):
      let step = FeatureStep(code: aggregate.code, column: column)
      try window(feature, stage, within, filter, step, measured: name)
    case .zScore(_, let name, let within):
      let step = FeatureStep(code: .zScore, column: column)
      try window(feature, stage, within, [], step, measured: name)
    case .ratioToMean(_, let name, let within):
      let step = FeatureStep(code: .ratioToMean, column: column)
      try window(feature, stage, within, [], step, measured: name)
    case .percentChange(_, let name, let within):
      let step = FeatureStep(code: .percentChange, column: column)
      try window(feature, stage, within, [], step, measured: name)
    case .seasonal(_, let name, let within):
      let step = FeatureStep(code: .seasonal, column: column)
      try window(feature, stage, within, [], step, measured: name)
      let stream = try streamIndex(stage, [], try measure(name, feature), feature)
      stages[stage].streams[stream].keepsHours = true
    case .dailyCount:
      try window(feature, stage, nil, [], FeatureStep(code: .count, column: column))
    case .dailySum(_, let name):
      let step = FeatureStep(code: .sumWithOwn, column: column)
      try window(feature, stage, nil, [], step, measured: name)
    case .distinct(_, let name, let within, let filter):
      let source = try text(name, feature)
      let stream = try streamIndex(stage, filter, nil, feature)
      var lane = stages[stage].streams[stream].texts.firstIndex(of: source)
      if lane == nil {
        lane = stages[stage].streams[stream].texts.count
        stages[stage].streams[stream].texts.append(source)
      }
      try window(
        feature, stage, within, filter,
        FeatureStep(code: .distinct, column: column, index: Int32(lane!)))
    case .difference(_, let name, let order):
      guard order == 1 || order == 2 else {
        throw Failure(
          .usage, "the feature '\(feature)' asks for a difference of order \(order)",
          advice: "use order 1 or 2")
      }
      let step = FeatureStep(code: order == 1 ? .difference1 : .difference2, column: column)
      try whole(feature, stage, [], step, measured: name)
    case .ratioToLast(_, let name):
      let step = FeatureStep(code: .ratioToLast, column: column)
      try whole(feature, stage, [], step, measured: name)
    case .ewma(_, let name, let halfLife):
      try check(halfLife, "half-life", feature)
      let scale = Double(halfLife.microseconds)
      let step = FeatureStep(code: .ewma, column: column, scale: scale)
      try whole(feature, stage, [], step, measured: name)
    case .sinceLast(_, let filter):
      try whole(feature, stage, filter, FeatureStep(code: .sinceLast, column: column))
    case .history:
      try whole(feature, stage, [], FeatureStep(code: .history, column: column))
    case .hourRarity:
      try whole(feature, stage, [], FeatureStep(code: .hourRarity, column: column))
      let stream = try streamIndex(stage, [], nil, feature)
      stages[stage].streams[stream].keepsHours = true
    case .labelRate(_, let within, let after):
      try check(within, "window", feature)
      try check(knownAfter: after, feature)
      let step = FeatureStep(code: .labelRate, column: column, knownAfter: after.microseconds)
      try window(feature, stage, within + after, [], step)
      stages[stage].keepsCases = true
    case .sinceLabel(_, let after):
      try check(knownAfter: after, feature)
      let step = FeatureStep(code: .sinceLabel, column: column, knownAfter: after.microseconds)
      try whole(feature, stage, [], step)
      stages[stage].keepsCases = true
    case .isNew(_, let name):
      stages[stage].newness.append((try text(name, feature), column))
    case .calendar, .field, .equals, .ratio, .minus:
      preconditionFailure("a feature of the event alone has no window")
    }
  }

  /// A step over a window; the calendar day so far where `within` is missing.
  private mutating func window(
    _ feature: FeatureDefinition, _ stage: Int, _ within: TimeSpan?, _ filter: [Predicate],
    _ step: FeatureStep, measured: String?? = .none
  ) throws(Failure) {
    if let within { try check(within, "window", feature) }
    let source = try measured.map { (name) throws(Failure) in try measure(name, feature) }
    let stream = try streamIndex(stage, filter, source, feature)
    let length = within?.microseconds ?? WindowPlan.today
    var windows = stages[stage].streams[stream].windows
    if let known = windows.firstIndex(where: { $0.length == length }) {
      windows[known].steps.append(step)
    } else {
      windows.append(WindowPlan(length: length, steps: [step]))
    }
    stages[stage].streams[stream].windows = windows
  }

  /// A step over the entity's whole past.
  private mutating func whole(
    _ feature: FeatureDefinition, _ stage: Int, _ filter: [Predicate], _ step: FeatureStep,
    measured: String?? = .none
  ) throws(Failure) {
    let source = try measured.map { (name) throws(Failure) in try measure(name, feature) }
    let stream = try streamIndex(stage, filter, source, feature)
    stages[stage].streams[stream].steps.append(step)
  }

  private func check(
    _ span: TimeSpan, _ what: String, _ feature: FeatureDefinition
  ) throws(Failure) {
    guard span > .zero && span <= PlanBuilder.longestWindow else {
      throw Failure(
        .usage, "the feature '\(feature)' has a \(what) of \(span)",
        advice: "give it a length above 0 and at most \(PlanBuilder.longestWindow)")
    }
  }

  private func check(
    knownAfter span: TimeSpan, _ feature: FeatureDefinition
  ) throws(Failure) {
    guard span >= .zero && span <= PlanBuilder.longestWindow else {
      throw Failure(
        .usage, "the feature '\(feature)' has labels known after \(span)",
        advice: "give 0 or more and at most \(PlanBuilder.longestWindow)")
    }
  }

  private mutating func stageIndex(
    _ scope: EntityScope, _ feature: FeatureDefinition
  ) throws(Failure) -> Int {
    if let known = stages.firstIndex(where: { $0.scope == scope }) { return known }
    var stage = StagePlan(scope: scope, entitySlot: -1)
    switch scope {
    case .primary: break
    case .field(let name): stage.entitySlot = try textField(name, feature).slot
    case .pair(let first, let second):
      stage.entitySlot = try textField(first, feature).slot
      stage.secondSlot = try textField(second, feature).slot
    }
    stages.append(stage)
    return stages.count - 1
  }

  private mutating func streamIndex(
    _ stage: Int, _ filter: [Predicate], _ number: NumberSource?, _ feature: FeatureDefinition
  ) throws(Failure) -> Int {
    let streams = stages[stage].streams
    if let known = streams.firstIndex(where: { $0.filter == filter && $0.number == number }) {
      return known
    }
    if !filter.isEmpty && filters[filter] == nil {
      do {
        filters[filter] = try CompiledCondition(filter, schema: schema, interner: interner)
      } catch {
        throw Failure(.usage, "the feature '\(feature)': \(error.message)", advice: error.advice)
      }
    }
    stages[stage].streams.append(StreamPlan(filter: filter, number: number))
    return stages[stage].streams.count - 1
  }

  /// A named number field, or the measure, which may be absent from all of the run's events.
  private func measure(
    _ name: String?, _ feature: FeatureDefinition
  ) throws(Failure) -> NumberSource {
    if let name { return try number(name, feature) }
    func slot(_ name: String) -> Int32 {
      guard let field = schema.field(name), field.type != .text else { return -1 }
      return Int32(field.slot)
    }
    return NumberSource(first: slot("amount"), second: slot("value"))
  }

  private func number(
    _ name: String, _ feature: FeatureDefinition
  ) throws(Failure) -> NumberSource {
    guard let field = schema.field(name) else { throw unknown(name, feature) }
    guard field.type != .text else {
      throw Failure(
        .usage, "the feature '\(feature)' needs a number, but the field '\(name)' holds text",
        advice: "name a number field, or count or compare the text instead")
    }
    return NumberSource(first: Int32(field.slot), second: -1)
  }

  private func text(_ name: String, _ feature: FeatureDefinition) throws(Failure) -> TextSource {
    if name == "kind" { return .kind }
    if name == "source" { return .source }
    return try textField(name, feature)
  }

  private func textField(
    _ name: String, _ feature: FeatureDefinition
  ) throws(Failure) -> TextSource {
    guard let field = schema.field(name) else { throw unknown(name, feature) }
    guard field.type == .text else {
      throw Failure(
        .usage,
        "the feature '\(feature)' needs a text, but the field '\(name)' holds a \(field.type)",
        advice: "name a text field")
    }
    return TextSource(slot: Int32(field.slot))
  }

  private func unknown(_ name: String, _ feature: FeatureDefinition) -> Failure {
    let known = schema.fields.map(\.name) + ["kind", "source"]
    return Failure(
      .usage, "the feature '\(feature)' names '\(name)', which is no field of the events",
      advice: nearestName(to: name, among: known).map { "did you mean '\($0)'?" })
  }
}

extension FeatureDefinition.Aggregate {
  fileprivate var code: FeatureStep.Code {
    switch self {
    case .sum: .sum
    case .mean: .mean
    case .std: .std
    case .min: .min
    case .max: .max
    case .first: .first
    case .last: .last
    }
  }
}
