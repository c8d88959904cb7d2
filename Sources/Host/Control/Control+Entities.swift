package import Cases
package import Primitives
import Store

/// The risk of an entity with how it came there.
package struct EntityStory: Sendable {
  package var risk: EntityRisk
  /// The score at the end of each of the days before, oldest first, then now.
  package var history: [(time: Timestamp, risk: EntityRisk)]
}

extension Control {
  /// The entities of a moment, the highest risk first; equal ones by name.
  ///
  /// - Parameters:
  ///   - field: only entities of this field.
  ///   - band: only those in this band.
  package func entities(
    at moment: Moment = .newestAlert, field: String? = nil, band: String? = nil, limit: Int = 50
  ) throws(Failure) -> (at: Timestamp, risks: [EntityRisk]) {
    let band = try word(band, "band", RiskBand.init, RiskBand.allCases.map(\.rawValue))
    guard limit > 0 else { throw Failure(.usage, "--limit is \(limit)", advice: "give 1 or more") }
    let store = try store(.readOnly)
    let at = try time(of: moment, store)
    let book = try riskBook(store, until: at)
    let decisions = try decisions(at: at, store)
    let risks = book.entities.filter { field == nil || $0.field == field }
      .map { book.risk(of: $0, at: at, decisions: decisions, withWay: false) }
      .filter { $0.hundredths != 0 || $0.override != nil }
      .filter { band == nil || $0.band == band }
      .sorted {
        ($1.hundredths, $0.entity.field, $0.entity.value)
          < ($0.hundredths, $1.entity.field, $1.entity.value)
      }
    return (at, Array(risks.prefix(limit)))
  }

  /// - Parameter days: how many days of history.
  package func entity(
    named words: String, at moment: Moment = .newestAlert, days: Int = 7
  ) throws(Failure) -> EntityStory {
    let entity = try entity(words)
    let store = try store(.readOnly)
    let at = try time(of: moment, store)
    let book = try riskBook(store, until: at)
    guard book.knows(entity) else {
      let near = nearestName(
        to: words, among: book.entities.map { "\($0.field)=\($0.value)" })
      throw Failure(
        .usage, "no alert until \(at) names '\(words)'",
        advice: near.map { "did you mean '\($0)'?" } ?? "moonwatch entities list shows who is named"
      )
    }
    let decisions = try decisions(at: at, store)
    let risk = book.risk(of: entity, at: at, decisions: decisions)
    let times = (0...max(0, days)).reversed().map { at - .days(Int64($0)) }
    return EntityStory(
      risk: risk,
      history: times.map {
        ($0, book.risk(of: entity, at: $0, decisions: $0 == at ? decisions : nil, withWay: false))
      })
  }

  /// Sets a risk by hand for a time, counted from the newest alert, where `entities show` looks from too, or from `at`.
  package func setRisk(
    of words: String, score: Double, for span: String, note: String,
    at moment: Moment = .newestAlert
  ) throws(Failure) -> RiskOverride {
    let entity = try entity(words)
    guard score >= 0, score <= 1_000_000 else {
      throw Failure(
        .usage, "a risk of \(Format.number(score)) cannot be set", advice: "give 0 to 1000000")
    }
    guard let length = JudgementSettings.span(span) else {
      throw Failure(.usage, "--for is '\(span)'", advice: JudgementSettings.spanAdvice)
    }
    let store = try store(.change)
    let since = try time(of: moment, store)
    let override = RiskOverride(
      entity: entity, hundredths: Int((score * 100).rounded()), since: since,
      until: since + length, note: try checked(note) ?? "")
    try store.add(override)
    return override
  }

  /// Takes back what was set by hand.
  package func clearRisk(of words: String, at moment: Moment = .newestAlert) throws(Failure) {
    let entity = try entity(words)
    let store = try store(.change)
    let at = try time(of: moment, store)
    if try store.clearOverrides(of: entity, at: at) == 0 {
      throw Failure(
        .usage, "no risk is set by hand for '\(words)' at \(at)",
        advice: "moonwatch entities show \(words) shows what makes it up")
    }
  }

  private func riskBook(_ store: AlertStore, until: Timestamp) throws(Failure) -> RiskBook {
    RiskBook(
      try store.facts(until: until), settings: settings.judgement.risk,
      overrides: try store.overrides(), criticality: try criticality())
  }
}
