package import Detection
package import Primitives

/// One event of an attack as its scenario wants it; the injector gives it its id.
package struct PlannedEvent: Hashable, Sendable {
  package var event: EventRecord
  /// False for a harmless event that only sets the scene; it gets no label.
  package var isLabelled: Bool

  package init(_ event: EventRecord, isLabelled: Bool = true) {
    self.event = event
    self.isLabelled = isLabelled
  }
}

/// An attack that can be planted: on whom, what it does, and what its label says.
package struct PlantedScenario {
  /// Makes one incident: the victim's event, the entity's earlier events (oldest first, the latest 256 at most) and
  /// the random numbers that it may draw.
  package typealias Plan =
    (_ victim: EventRecord, _ history: [EventRecord], _ random: inout SeededRandom) throws
    -> [PlannedEvent]

  package var id: String
  /// `fraud` or `anomaly`, the name of the attack, 1 to 5.
  package var label: (type: String, name: String, severity: Int)
  /// Whose events may be a victim's.
  package var onto: (EventRecord) -> Bool
  /// Earlier events that the entity must have.
  package var history: Int
  /// The entity must do nothing for so long after the victim's event; zero where it does not matter.
  package var quiet: TimeSpan
  package var plan: Plan

  package init(
    id: String, label: (type: String, name: String, severity: Int),
    onto: @escaping (EventRecord) -> Bool, history: Int = 8, quiet: TimeSpan = .zero,
    plan: @escaping Plan
  ) {
    self.id = id
    self.label = label
    self.onto = onto
    self.history = history
    self.quiet = quiet
    self.plan = plan
  }
}
