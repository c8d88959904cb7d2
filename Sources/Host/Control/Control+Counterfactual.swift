package import Cases
package import Primitives
import Store

extension Control {
  /// What would have cleared an alert, by the rules and the model of now.
  package func counterfactual(_ idOrPrefix: String) throws(Failure) -> (
    alert: Alert, answer: Counterfactual
  ) {
    let (stored, frozen) = try alert(idOrPrefix)
    return (stored.alert, try counterfactuals().answer(stored.alert, frozen: frozen))
  }

  /// What answers for many alerts.
  func counterfactuals() throws(Failure) -> CounterfactualDesk {
    let models = try ModelStore(try database(.readOnly)).models()
    return CounterfactualDesk(
      try Installation(settings), settings: settings,
      registered: Dictionary(
        models.map { ($0.digest, $0.path) }, uniquingKeysWith: { newest, _ in newest }))
  }
}
