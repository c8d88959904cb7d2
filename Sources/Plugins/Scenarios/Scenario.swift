package import Detection
package import Primitives

/// How an attack looks, so that it can be planted into a real stream with the truth beside it.
package struct Scenario: Hashable, Sendable {
  /// What the planted events are labelled with.
  package struct Truth: Hashable, Sendable {
    /// `fraud` or `anomaly`.
    package let type: String
    package let name: String
    /// 1 (mild) to 5 (severe).
    package let severity: Int
  }

  /// What a parameter may be; drawn once an injection.
  package enum Choice: Hashable, Sendable {
    /// Both ends included; whole where both ends are written as whole numbers.
    case wholeRange(Int64, Int64)
    case range(Double, Double)
    case spanRange(TimeSpan, TimeSpan)
    case numbers([Double])
    case spans([TimeSpan])
    case texts([String])
  }

  package let id: String
  package let title: String
  /// Which events may be victims: conditions on source, kind and fields.
  package let onto: [Predicate]
  /// In order of name.
  package let vary: [Parameter]
  /// Earlier events that the victim's entity must have, so that it has a normal life to stand out from.
  package let history: Int
  /// For how long the entity must do nothing after the victim's event; zero where it does not matter.
  package let quiet: TimeSpan
  package let label: Truth
  /// The mapping row that an alert on it must be called; missing where the author expects none.
  package let expectMapping: String?
  package let origin: PluginOrigin

  package struct Parameter: Hashable, Sendable {
    package let name: String
    package let choice: Choice
  }

  package var file: String { origin.file }
}
