package import Detection
package import Primitives

/// An alert on its way to another system, with what people have made of it.
package struct ExportedAlert: Hashable, Sendable {
  package var alert: Alert
  package var state: AlertState
  /// As `StoredAlert.Disposition` has it: `true_positive`; missing while it is open.
  package var disposition: String?
  package var assignee: String?
  package var note: String?
  package var closedAt: Timestamp?
  package var joined: Int
  package var highestSeverity: Severity
  package var highestScore: Double?
  /// The alert that it tells the same as, where it was closed so.
  package var duplicateOf: String?

  package init(
    alert: Alert, state: AlertState, disposition: String? = nil, assignee: String? = nil,
    note: String? = nil, closedAt: Timestamp? = nil, joined: Int, highestSeverity: Severity,
    highestScore: Double? = nil, duplicateOf: String? = nil
  ) {
    self.alert = alert
    self.state = state
    self.disposition = disposition
    self.assignee = assignee
    self.note = note
    self.closedAt = closedAt
    self.joined = joined
    self.highestSeverity = highestSeverity
    self.highestScore = highestScore
    self.duplicateOf = duplicateOf
  }

  /// How grave it is from 0 to 100, for systems that sort by one number: the severity chooses the part of the scale, with the
  /// ends that Elastic gives its severities (21, 47, 73, 99), and the confidence the place in it; its end where none is known.
  package var riskScore: Int {
    let part: ClosedRange<Double> =
      switch highestSeverity {
      case .info: 1...5
      case .low: 6...21
      case .medium: 22...47
      case .high: 48...73
      case .critical: 74...99
      }
    let sure = alert.confidence.map { max(0, min(1, $0.isNaN ? 0 : $0)) } ?? 1
    return Int((part.lowerBound + (part.upperBound - part.lowerBound) * sure).rounded())
  }

  /// What stands behind the alert's own keys wherever it is written as it is.
  package var standing: [JSONValue.Member] {
    [
      .init("status", .text(state.isOpen ? "open" : "closed")),
      .init("state", .text(state.rawValue)), .init("disposition", .of(disposition)),
      .init("assignee", .of(assignee)), .init("note", .of(note)),
      .init("closed_at", .of(closedAt?.description)), .init("joined", .integer(Int64(joined))),
      .init("highest_severity", .text(highestSeverity.word)),
      .init("highest_score", .of(highestScore)), .init("duplicate_of", .of(duplicateOf)),
    ]
  }

  /// The alert as it is kept, and how it stands.
  package var json: JSONValue {
    guard case .object(let members) = AlertWriter.json(alert) else {
      preconditionFailure("an alert is written as an object")
    }
    return .object(members + standing)
  }
}

extension JSONValue {
  /// An object of what is there: other systems take a missing key better than a null.
  static func present(_ members: (String, JSONValue?)...) -> JSONValue {
    .object(
      members.compactMap { key, value in
        guard let value, value != .null else { return nil }
        return JSONValue.Member(key, value)
      })
  }
}

extension Timestamp {
  /// Whole milliseconds since 1970, rounded down.
  var milliseconds: Int64 {
    microseconds / 1000 - (microseconds % 1000 < 0 ? 1 : 0)
  }
}
