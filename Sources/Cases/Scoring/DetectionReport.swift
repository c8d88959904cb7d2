package import Primitives

/// How well a run caught the labelled incidents, per name, and how many of its alerts were for nothing.
package struct DetectionReport: Hashable, Sendable {
  package struct Scenario: Hashable, Sendable {
    package var name: String
    /// Incidents labelled.
    package var injected: Int
    /// Of them, those with a finding on a labelled event.
    package var caught: Int
    /// 95 % of caught / injected.
    package var interval: WilsonInterval
    /// Which event of the incident was the first found, counted from 1: the median over caught incidents whose events
    /// are labelled one by one; missing where there is none.
    package var firstEvent: Double?
    /// From the start of the incident to the first event found: the median over caught ones; missing where none was.
    package var secondsToDetect: Double?
    /// Caught incidents whose first finding was called what it should be; missing where nothing was asked.
    package var mappedRight: Int?

    package init(
      name: String, injected: Int, caught: Int, firstEvent: Double?, secondsToDetect: Double?,
      mappedRight: Int?
    ) {
      self.name = name
      self.injected = injected
      self.caught = caught
      interval = WilsonInterval(successes: caught, trials: injected)
      self.firstEvent = firstEvent
      self.secondsToDetect = secondsToDetect
      self.mappedRight = mappedRight
    }

    /// Missing without an incident.
    package var recall: Double? { injected == 0 ? nil : Double(caught) / Double(injected) }
  }

  /// One labelled incident, and what found it.
  package struct Incident: Hashable, Sendable {
    package var name: String
    package var entity: Entity
    package var start: Timestamp
    /// Rules with a finding on it, and `model`; none where it was missed.
    package var finders: Set<String>

    package var isCaught: Bool { !finders.isEmpty }
  }

  /// By name.
  package var scenarios: [Scenario]
  /// In the order of their labels.
  package var incidents: [Incident]
  package var alerts: Int
  /// Alerts of which no finding was on a labelled event or on a labelled entity during its incident.
  package var falseAlerts: Int

  /// The share of alerts that were not false; missing without an alert.
  package var precision: Double? {
    alerts == 0 ? nil : Double(alerts - falseAlerts) / Double(alerts)
  }
}
