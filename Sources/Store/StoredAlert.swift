package import Cases
package import Detection
package import Primitives

/// An alert with what has become of it.
package struct StoredAlert: Hashable, Sendable {
  package var alert: Alert
  package var status: Status
  /// Where it stands more exactly.
  package var state = AlertState.new
  /// Whose it is; missing while it is nobody's.
  package var assignee: String?
  /// What it turned out to be; missing while it is open.
  package var disposition: Disposition?
  package var note: String?
  package var closedAt: Timestamp?
  /// Findings that joined it instead of raising alerts of their own.
  package var joined: Int
  /// The highest of the alert and all that joined it.
  package var highestSeverity: Severity
  package var highestScore: Double?
  /// The alert that it tells the same as, where somebody said so.
  package var duplicateOf: String?

  package enum Status: String, Hashable, Sendable, CaseIterable { case open, closed }

  /// What an analyst decided.
  package enum Disposition: String, Hashable, Sendable, CaseIterable {
    /// It was what the alert said.
    case truePositive = "true_positive"
    /// It was something else that looked like it.
    case falsePositive = "false_positive"
    /// It was so, and allowed: a test, a known exception.
    case benign
    /// Another alert tells of the same.
    case duplicate

    /// As it is written on the command line and read in a sentence.
    package var word: String { rawValue.replacing("_", with: "-") }
    package var phrase: String { rawValue.replacing("_", with: " ") }
  }
}

/// An alert to be kept, with every feature as it was.
package struct NewAlert: Sendable {
  package let alert: Alert
  /// The alert as a line of `AlertWriter`.
  package let line: [UInt8]
  package let frozen: FrozenEvidence?

  /// - Parameter line: made here where missing.
  package init(_ alert: Alert, line: [UInt8]? = nil, frozen: FrozenEvidence? = nil) {
    self.alert = alert
    self.line = line ?? AlertWriter.line(alert)
    self.frozen = frozen
  }
}

/// Which alerts are asked for; all that is said must hold. Newest first.
package struct AlertFilter: Hashable, Sendable {
  /// Both included.
  package var since: Timestamp?
  package var until: Timestamp?
  /// At least this severe, with all that joined.
  package var severity: Severity?
  /// The entity's value, of the field below or whatever field.
  package var entity: String?
  package var entityField: String?
  package var rule: String?
  /// Whether a rule or only the model found it.
  package var kind: Alert.Kind?
  package var status: StoredAlert.Status?
  package var state: AlertState?
  package var disposition: StoredAlert.Disposition?
  package var assignee: String?
  package var mapping: String?
  package var incident: String?
  /// Missing for all.
  package var limit: Int?

  package init(
    since: Timestamp? = nil, until: Timestamp? = nil, severity: Severity? = nil,
    entity: String? = nil, rule: String? = nil, status: StoredAlert.Status? = nil,
    mapping: String? = nil, incident: String? = nil, limit: Int? = 100
  ) {
    self.since = since
    self.until = until
    self.severity = severity
    self.entity = entity
    self.rule = rule
    self.status = status
    self.mapping = mapping
    self.incident = incident
    self.limit = limit
  }
}

/// How many alerts there are.
package struct AlertCounts: Hashable, Sendable {
  package var total = 0
  package var open = 0
  /// Findings that joined alerts.
  package var joined = 0
  package var bySeverity: [Severity: Int] = [:]
  /// By the id of the mapping row; alerts without one stand under the empty text.
  package var byMapping: [String: Int] = [:]

  package init() {}
}

/// One run of a command that wrote alerts.
package struct RunRecord: Hashable, Sendable {
  package var command: String
  package var started: Timestamp
  /// What it read, in words.
  package var input: String
  /// Of all its alerts; missing while it runs.
  package var digest: String?
  package var events: Int
  /// Settings that decide what becomes an alert, as an object; missing for runs of earlier versions.
  package var settings: JSONValue?

  package init(
    command: String, started: Timestamp, input: String, digest: String? = nil, events: Int = 0,
    settings: JSONValue? = nil
  ) {
    self.command = command
    self.started = started
    self.input = input
    self.digest = digest
    self.events = events
    self.settings = settings
  }
}

/// A model that was trained here.
package struct ModelRecord: Hashable, Sendable {
  package var name: String
  package var path: String
  package var digest: String
  package var created: Timestamp
  /// The training report as JSON.
  package var report: String

  package init(
    name: String, path: String, digest: String, created: Timestamp, report: String
  ) {
    self.name = name
    self.path = path
    self.digest = digest
    self.created = created
    self.report = report
  }
}
