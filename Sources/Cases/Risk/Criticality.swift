/// How much entities matter: what an alert on them weighs, in the queue and in their risk. 1 where nothing is said.
package struct Criticality: Hashable, Sendable {
  /// By field, then by value.
  package var values: [String: [String: Double]]
  /// By field: the lists whose members matter so much.
  package var lists: [String: [String: Double]]

  package static let bounds = 0.1...100.0

  package init(
    values: [String: [String: Double]] = [:], lists: [String: [String: Double]] = [:]
  ) {
    self.values = values
    self.lists = lists
  }

  /// The entity's own value; else the highest of the lists that hold it; else 1.
  ///
  /// - Parameter holds: whether a list holds a text.
  package func of(_ entity: Entity, holds: (String, String) -> Bool) -> Double {
    if let own = values[entity.field]?[entity.value] { return own }
    let listed = (lists[entity.field] ?? [:]).filter { holds($0.key, entity.value) }
    return listed.values.max() ?? 1
  }
}
