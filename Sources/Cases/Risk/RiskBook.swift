import Detection
import Glibc
package import Primitives

/// The risk of every entity at any time, from the alerts, what they turned out to be and what people set by hand.
///
/// An alert adds `points × share × confirmed × criticality × 2^(−age / half-life)`, rounded down to the hundredth of a
/// point, so that what is shown adds up: the points of its severity; a quarter of them for whoever its event names without
/// being what it is about; twice as much once it was confirmed; nothing once it was closed as something else. Age is the
/// time since the alert. A pure function: the same alerts and moment give the same figures, for any moment in the past.
package struct RiskBook: Sendable {
  private let facts: [AlertFact]
  private let places: [Entity: [Int]]
  private let overrides: [Entity: [RiskOverride]]
  private let settings: RiskSettings
  private let criticality: @Sendable (Entity) -> Double

  /// - Parameter overrides: in the order in which they were made; the last that holds counts.
  package init(
    _ facts: [AlertFact], settings: RiskSettings = RiskSettings(),
    overrides: [RiskOverride] = [],
    criticality: @escaping @Sendable (Entity) -> Double = { _ in 1 }
  ) {
    self.facts = facts
    self.settings = settings
    self.criticality = criticality
    var places: [Entity: [Int]] = [:]
    for (place, fact) in facts.enumerated() {
      for entity in Set(fact.entities) { places[entity, default: []].append(place) }
    }
    self.places = places
    self.overrides = Dictionary(grouping: overrides, by: \.entity)
  }

  /// Everybody that an alert names or that a person set a score for, in order of field and value.
  package var entities: [Entity] {
    Set(places.keys).union(overrides.keys).sorted { ($0.field, $0.value) < ($1.field, $1.value) }
  }

  package func knows(_ entity: Entity) -> Bool {
    places[entity] != nil || overrides[entity] != nil
  }

  /// - Parameters:
  ///   - decisions: as in `AlertFact.known`.
  ///   - withWay: leaves out what would make it green where false, which takes longer than the score.
  package func risk(
    of entity: Entity, at moment: Timestamp, decisions: Timestamp? = nil, withWay: Bool = true
  ) -> EntityRisk {
    let weight = criticality(entity)
    let known = (places[entity] ?? []).compactMap {
      facts[$0].known(at: moment, decisions: decisions)
    }
    var contributions = self.contributions(known, of: entity, at: moment, weight)
    let computed = contributions.reduce(0) { $0 + $1.hundredths }
    let override = (overrides[entity] ?? []).last { $0.holds(at: moment) }
    if let override {
      contributions.append(
        RiskContribution(source: .override(override), hundredths: override.hundredths - computed))
    }
    let score = override?.hundredths ?? computed
    var risk = EntityRisk(
      entity: entity, at: moment, criticality: weight, contributions: contributions,
      band: settings.band(score), computed: settings.band(computed), override: override)
    let isHeld = override != nil && settings.band(score) != .green
    if withWay && (risk.computed != .green || isHeld) {
      let faded =
        risk.computed == .green ? moment : greenByItself(known, of: entity, from: moment, weight)
      risk.wayToGreen = WayToGreen(
        byItself: isHeld ? max(faded, override?.until ?? faded) : faded,
        closing: closing(contributions, computed), clearing: isHeld)
    }
    return risk
  }

  /// The most first, then the newest.
  private func contributions(
    _ known: [AlertFact], of entity: Entity, at moment: Timestamp, _ weight: Double
  ) -> [RiskContribution] {
    known.compactMap { fact in
      let hundredths = hundredths(fact, of: entity, at: moment, weight)
      return hundredths == 0
        ? nil
        : RiskContribution(
          source: .alert(fact, isOwn: fact.entity == entity), hundredths: hundredths)
    }.sorted { a, b in
      guard case .alert(let first, _) = a.source, case .alert(let second, _) = b.source else {
        return false
      }
      return (b.hundredths, second.time, first.id) < (a.hundredths, first.time, second.id)
    }
  }

  private func hundredths(
    _ fact: AlertFact, of entity: Entity, at moment: Timestamp, _ weight: Double
  ) -> Int {
    var points = Double(RiskSettings.points(fact.severity) * 100) * weight
    switch fact.outcome {
    case nil: break
    case .truePositive: points *= RiskSettings.confirmedFactor
    case .falsePositive, .benign, .duplicate: return 0
    }
    if fact.entity != entity { points *= RiskSettings.involvedShare }
    let lives = (moment - fact.time).seconds / settings.halfLife.seconds
    return Int((points * decay(lives)).rounded(.down))
  }

  /// Binary search for the second: each part only ever falls.
  private func greenByItself(
    _ known: [AlertFact], of entity: Entity, from moment: Timestamp, _ weight: Double
  ) -> Timestamp {
    func isGreen(after seconds: Int64) -> Bool {
      let later = moment + .seconds(seconds)
      let sum = known.reduce(0) { $0 + hundredths($1, of: entity, at: later, weight) }
      return settings.band(sum) == .green
    }
    var (red, green): (Int64, Int64) = (0, 1)
    // 35,000 years: enough for any sum of points, and time cannot overflow.
    while !isGreen(after: green) && green < 1 << 40 { (red, green) = (green, green * 2) }
    while green - red > 1 {
      let middle = red + (green - red) / 2
      if isGreen(after: middle) { green = middle } else { red = middle }
    }
    return moment + .seconds(green)
  }

  /// The largest first are the fewest.
  private func closing(_ contributions: [RiskContribution], _ computed: Int) -> [String] {
    var left = computed
    var ids: [String] = []
    for one in contributions {
      guard case .alert(let fact, _) = one.source, settings.band(left) != .green else { break }
      left -= one.hundredths
      ids.append(fact.id)
    }
    return ids
  }
}

/// 2 to the minus n; whole half-lives are exact.
private func decay(_ lives: Double) -> Double { exp2(-lives) }
