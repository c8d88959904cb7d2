package import Cases
package import Primitives
package import Store

extension Control {
  /// What would have cleared an alert, by the rules and the model of now.
  package func counterfactual(_ idOrPrefix: String) throws(Failure) -> (
    alert: Alert, answer: Counterfactual
  ) {
    let (stored, frozen) = try alert(idOrPrefix)
    return (stored.alert, try counterfactuals().answer(stored.alert, frozen: frozen))
  }

  /// All that an alert is explained by. Plugins or a model that cannot be read leave out only what would have cleared it.
  package func explanation(_ idOrPrefix: String) throws(Failure) -> (
    stored: StoredAlert, frozen: FrozenEvidence?, counterfactual: Counterfactual
  ) {
    let (stored, frozen) = try alert(idOrPrefix)
    do throws(Failure) {
      return (stored, frozen, try counterfactuals().answer(stored.alert, frozen: frozen))
    } catch {
      let answer = Counterfactual(
        alert: stored.alert.id, verdict: .unknown(why: error.description))
      return (stored, frozen, answer)
    }
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
