package import Cases
package import Primitives
package import Store

/// What is known of an alert, for whoever has to decide about it.
package struct AlertDossier: Sendable {
  package var stored: StoredAlert
  package var owners: Owners
  /// Every feature as it was; missing where it was not kept.
  package var frozen: FrozenEvidence?
  package var counterfactual: Counterfactual
  /// How often what it tells of was seen before, and how those ended.
  package var recurrence: Recurrence?
  /// How likely it is true as the queue has it; missing where it is closed.
  package var queueProbability: Double?
  /// What it adds to the cost of its incident; missing where it costs nothing.
  package var stakes: AlertStakes?

  package init(
    stored: StoredAlert, owners: Owners, frozen: FrozenEvidence? = nil,
    counterfactual: Counterfactual, recurrence: Recurrence? = nil,
    queueProbability: Double? = nil, stakes: AlertStakes? = nil
  ) {
    self.stored = stored
    self.owners = owners
    self.frozen = frozen
    self.counterfactual = counterfactual
    self.recurrence = recurrence
    self.queueProbability = queueProbability
    self.stakes = stakes
  }
}

extension Control {
  /// What would have cleared an alert, by the rules and the model of now.
  package func counterfactual(_ idOrPrefix: String) throws(Failure) -> (
    alert: Alert, answer: Counterfactual
  ) {
    let (stored, frozen, _) = try alert(idOrPrefix)
    return (stored.alert, try counterfactuals().answer(stored.alert, frozen: frozen))
  }

  /// All that an alert is explained by. Plugins or a model that cannot be read leave out only what would have cleared it.
  package func explanation(_ idOrPrefix: String) throws(Failure) -> AlertDossier {
    let store = try store(.readOnly)
    let facts = try store.facts()
    let (stored, frozen, stakes) = try alert(idOrPrefix, store, facts)
    let fact = facts.first { $0.id == stored.alert.id }
    let counterfactual: Counterfactual
    do throws(Failure) {
      counterfactual = try counterfactuals().answer(stored.alert, frozen: frozen)
    } catch {
      counterfactual = Counterfactual(
        alert: stored.alert.id, verdict: .unknown(why: error.description))
    }
    return AlertDossier(
      stored: stored, owners: try owners(), frozen: frozen, counterfactual: counterfactual,
      recurrence: fact.map { fact in
        Recurrence(of: fact, among: facts.filter { $0.time <= fact.time })
      },
      queueProbability: fact.flatMap {
        $0.outcome == nil ? TrackRecord(facts).probability($0) : nil
      }, stakes: stakes)
  }

  /// What answers for many alerts.
  func counterfactuals() throws(Failure) -> CounterfactualDesk {
    let models = try ModelStore(try database(.readOnly)).models()
    let store = try store(.readOnly)
    return CounterfactualDesk(
      try Installation(settings), settings: settings,
      registered: Dictionary(
        models.map { ($0.digest, $0.path) }, uniquingKeysWith: { newest, _ in newest }),
      // What cannot be read is left out, and then said not to be kept.
      kept: (RetainedEvents(store) { _ in }, store))
  }
}
